//! What goes wrong with the servers, by the numbers of a script.

use checkback::sandbox::{Fault, ImapEffect, SmtpEffect, SmtpStage, Verb};

/// What goes wrong with that command.
pub fn imap_fault(verb: u16, effect: u16, nth: u16) -> Fault {
    use Verb::{Append, Connect, Examine, Fetch, List, Login, Search};
    let verbs = [Connect, Login, List, Examine, Fetch, Fetch, Fetch, Search, Append];
    let verb = verbs[usize::from(verb) % verbs.len()];
    let effect = match effect % 10 {
        0 => ImapEffect::No("[UNAVAILABLE] later".to_owned()),
        1 => ImapEffect::Bad("what".to_owned()),
        2 => ImapEffect::Bye("closing".to_owned()),
        3 => ImapEffect::Cut,
        4 => ImapEffect::CutAfter(usize::from(nth) * 173),
        5 => ImapEffect::EmptyOk,
        6 => ImapEffect::Withhold((1..20).filter(|uid| uid % 2 == u32::from(nth % 2)).collect()),
        7 => ImapEffect::NoAfter(1),
        8 => ImapEffect::Garbage(b"* 1 FETCH (UID ((((\r\n".to_vec()),
        _ => ImapEffect::Garbage(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)\r\n".to_vec()),
    };
    Fault::imap(verb).nth(u32::from(nth)).then(effect)
}

/// The stage of that number.
pub fn stage(n: u16) -> SmtpStage {
    use SmtpStage::{AfterBody, Auth, Body, Connect, Data, Mail, Quit, Rcpt};
    // after the body is where nobody can know
    let late = [AfterBody; 5];
    let early = [Connect, Auth, Mail, Rcpt, Data, Body(0), Body(60), Quit];
    let stages: Vec<SmtpStage> = early.into_iter().chain(late).collect();
    stages[usize::from(n) % stages.len()]
}

/// What goes wrong at that stage of a sending.
pub fn smtp_fault(at: u16, effect: u16) -> Fault {
    let effect = match effect % 7 {
        0 => SmtpEffect::Reply("451 4.3.0 later".to_owned()),
        1 => SmtpEffect::Reply("550 5.7.1 not from you".to_owned()),
        2 => SmtpEffect::ReplyThenCut("421 4.3.2 closing".to_owned()),
        3 => SmtpEffect::Cut,
        4 => SmtpEffect::Reply("550 5.4.5 daily sending limit exceeded".to_owned()),
        _ => SmtpEffect::AcceptThenCut,
    };
    Fault::smtp(stage(at)).then(effect)
}
