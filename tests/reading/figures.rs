//! Counting what was right, apart for what rules may be tuned on and for what is held apart.

/// One figure.
pub struct Figures {
    name: &'static str,
    open: (usize, usize),
    held: (usize, usize),
}

impl Figures {
    /// A figure of that name.
    pub fn new(name: &'static str) -> Self {
        Self { name, open: (0, 0), held: (0, 0) }
    }

    /// Counts one case; with `SHOW` set, `miss` says what was wrong, unless it is held apart.
    pub fn count(&mut self, held: bool, good: bool, miss: impl FnOnce() -> String) {
        let (right, of) = if held { &mut self.held } else { &mut self.open };
        *right += usize::from(good);
        *of += 1;
        if !good && !held && std::env::var_os("SHOW").is_some() {
            println!("{}: {}", self.name, miss());
        }
    }
}

/// Prints the figures, and fails if less than its share of all cases is right in one of them.
pub fn at_least(figures: &[(f64, &Figures)]) {
    for (_, Figures { name, open, held }) in figures {
        println!("= {name}: {} of {}; held apart: {} of {}", open.0, open.1, held.0, held.1);
    }
    for (share, Figures { name, open, held }) in figures {
        let (right, of) = (open.0 + held.0, open.1 + held.1);
        assert!(right as f64 >= share * of as f64, "{name}: {right} of {of} is less than {share}");
    }
}
