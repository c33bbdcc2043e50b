//! Counting what was right, apart for what rules may be tuned on and for what is held apart.

/// One figure.
pub struct Figures {
    name: &'static str,
    open: (usize, usize),
    held: (usize, usize),
    misses: Vec<String>,
}

impl Figures {
    /// A figure of that name.
    pub fn new(name: &'static str) -> Self {
        Self { name, open: (0, 0), held: (0, 0), misses: Vec::new() }
    }

    /// Counts one case; `miss` says what was wrong and is asked only for what is not held apart.
    pub fn count(&mut self, held: bool, good: bool, miss: impl FnOnce() -> String) {
        let (right, of) = if held { &mut self.held } else { &mut self.open };
        *right += usize::from(good);
        *of += 1;
        if !good && !held {
            self.misses.push(miss());
        }
    }

    /// Prints the figure, and fails if less than this share of all cases is right.
    pub fn at_least(self, share: f64) {
        println!("{}: {} of {}; held apart: {} of {}", self.name, self.open.0, self.open.1, self.held.0, self.held.1);
        if std::env::var_os("SHOW").is_some() {
            self.misses.iter().for_each(|miss| println!("  {miss}"));
        }
        let (right, of) = (self.open.0 + self.held.0, self.open.1 + self.held.1);
        assert!(right as f64 >= share * of as f64, "{}: {right} of {of} is less than {share}", self.name);
    }
}
