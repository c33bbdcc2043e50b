//! A script: what happens, step by step. Written as words, so that a failing one can be printed, kept and
//! played again: `pitch 1; smtp 6 4; sync; kill 12; sync; wait 20`.

use std::fmt;

/// One step: a word and up to three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub what: What,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $weight:literal;)*) => {
        /// What a step does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum What { $($(#[doc = $doc])* $name,)* }
        /// Each with its word and how often it comes.
        const ALL: &[(What, &str, u32)] = &[$((What::$name, $word, $weight),)*];
    };
}

words! {
    /// Recruiter `a` writes, for the first time or again.
    Pitch = "pitch", 14;
    /// Recruiter `a` writes to both of Dana's accounts, if she has two.
    Both = "both", 2;
    /// Recruiter `a` writes a mail without a Message-ID.
    Nameless = "nameless", 3;
    /// Recruiter `a` answers our answer by machine.
    Away = "away", 3;
    /// Our mail to recruiter `a` comes back.
    Bounce = "bounce", 2;
    /// A newsletter.
    News = "news", 2;
    /// Somebody uses the Message-ID of recruiter `a`'s latest mail for another one.
    Forged = "forged", 2;
    /// A mail that no parser can bear.
    Poison = "poison", 2;
    /// Dana answers recruiter `a` by hand.
    ByHand = "by-hand", 3;
    /// Dana writes to friend `a` from her mail program.
    Asks = "asks", 4;
    /// Friend `a` answers the latest mail that reached them.
    Replies = "replies", 4;
    /// Friend `a` writes about something else.
    Stray = "stray", 2;
    /// Friend `a` is away, and a machine says so.
    FriendAway = "friend-away", 3;
    /// Dana's program holds a mail to friend `a`.
    Own = "own", 4;
    /// Dana gives the command that sends friend `a` the mail `b`, for the first time or again.
    Send = "send", 10;
    /// Dana sends what she is reminded of, to friend `a`; if `b` is odd she gives the command twice.
    Nudge = "nudge", 3;
    /// Recruiter `a`'s latest mail is moved to the archive.
    Move = "move", 3;
    /// … is copied to the archive, as a second label.
    Label = "label", 3;
    /// … is removed.
    Remove = "remove", 2;
    /// … is delivered once more.
    Again = "again", 3;
    /// Folder `a` is numbered anew.
    Renumber = "renumber", 3;
    /// The IMAP command `a` goes wrong in way `b` when it comes the `c`th time.
    Imap = "imap", 12;
    /// The SMTP stage `a` goes wrong in way `b`.
    Smtp = "smtp", 12;
    /// The program is killed when the servers have heard `a` more commands.
    Kill = "kill", 8;
    /// The program is killed when the SMTP server is at stage `a`.
    KillAt = "kill-at", 5;
    /// So many hours pass.
    Wait = "wait", 12;
    /// So many days pass, and the program runs on each morning.
    Days = "days", 8;
    /// The clock is set back by so many hours.
    Back = "back", 1;
    /// The program runs.
    Sync = "sync", 26;
    /// The data folder of the last backup comes back.
    Restore = "restore", 1;
    /// The data folder is lost.
    Forget = "forget", 1;
    /// A backup is made.
    Backup = "backup", 2;
}

/// The script of a seed.
pub fn script(seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let length = 12 + dice.below(40);
    let mut steps = Vec::new();
    for _ in 0..length {
        let step = dice.step();
        // a blow to the sending tells little unless something is sent
        let blow = matches!(step.what, What::Smtp | What::Kill | What::KillAt);
        if blow && dice.below(2) == 0 {
            let what = [What::Own, What::Pitch, What::Send][dice.below(3) as usize];
            steps.push(Step { what, a: dice.small(), b: 0, c: 0 });
            steps.extend([step, Step { what: What::Wait, a: 1, b: 0, c: 0 }]);
            steps.extend([Step { what: What::Sync, a: 0, b: 0, c: 0 }; 2]);
        } else {
            steps.push(step);
        }
    }
    // most stories end with the recruiters' return after the eight months
    if dice.below(3) > 0 {
        steps.push(Step { what: What::Wait, a: 24 * 250, b: 0, c: 0 });
        steps.extend((0..3).map(|_| Step { what: What::Pitch, a: dice.small(), b: 0, c: 0 }));
    }
    steps
}

/// Numbers from a seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn small(&mut self) -> u16 {
        self.below(6) as u16
    }

    fn step(&mut self) -> Step {
        let total: u32 = ALL.iter().map(|(_, _, weight)| weight).sum();
        let mut at = self.below(u64::from(total)) as u32;
        let mut what = What::Sync;
        for (candidate, _, weight) in ALL {
            if at < *weight {
                what = *candidate;
                break;
            }
            at -= weight;
        }
        let mut step = Step { what, a: self.small(), b: self.below(16) as u16, c: 1 + self.below(6) as u16 };
        match what {
            What::Kill => step.a = 1 + self.below(80) as u16,
            What::Wait => step.a = [1, 3, 12, 24, 72, 24 * 20][self.below(6) as usize],
            What::Days => step.a = 1 + self.below(16) as u16,
            What::Back => step.a = [2, 24, 24 * 7][self.below(3) as usize],
            What::Imap | What::Smtp | What::KillAt => step.a = self.below(16) as u16,
            _ => {}
        }
        step
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, word, _) = ALL.iter().find(|(what, ..)| *what == self.what).unwrap();
        match self.what {
            What::Imap => write!(f, "{word} {} {} {}", self.a, self.b, self.c),
            What::Smtp => write!(f, "{word} {} {}", self.a, self.b),
            What::Sync | What::News | What::Poison | What::Restore | What::Forget | What::Backup => f.write_str(word),
            _ => write!(f, "{word} {}", self.a),
        }
    }
}

/// A script in words.
pub fn in_words(steps: &[Step]) -> String {
    steps.iter().map(Step::to_string).collect::<Vec<_>>().join("; ")
}

/// The script that these words are.
pub fn parse(words: &str) -> Vec<Step> {
    let steps = words.split(';').map(str::trim).filter(|step| !step.is_empty()).map(|step| {
        let mut parts = step.split_whitespace();
        let word = parts.next().unwrap();
        let found = ALL.iter().find(|(_, known, _)| *known == word);
        let (what, ..) = found.unwrap_or_else(|| panic!("no step is called {word}"));
        let mut number = || parts.next().map_or(0, |text| text.parse().unwrap());
        Step { what: *what, a: number(), b: number(), c: number() }
    });
    steps.collect()
}
