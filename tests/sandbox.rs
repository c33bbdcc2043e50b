//! The sandbox as real clients see it: async-imap, lettre, and a bare socket where those would hide the answer.

#[path = "sandbox/raw.rs"]
#[cfg(test)]
mod raw;

#[cfg(test)]
mod common {
    use checkback::sandbox::{Options, Sandbox, SpecialUse, World};
    use jiff::Timestamp;

    pub const MAIL: &str = "From: Rita <rita@agency.example>\r\nTo: ada@home.example\r\nSubject: A role\r\nMessage-ID: <1@agency.example>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\nHello Ada\r\n.leading dot\r\n";

    pub fn noon() -> Timestamp {
        "2026-01-02T12:00:00Z".parse().unwrap()
    }

    pub fn world() -> World {
        let mut world = World::new(noon);
        world.add_user("ada", "secret", &["ada@home.example"]);
        world.add_user("rita", "agency", &["rita@agency.example"]);
        world.add_usual_folders("ada").unwrap();
        world.add_folder("ada", "[Gmail]/All Mail", Some(SpecialUse::All)).unwrap();
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
        world.deliver("ada", "INBOX", MAIL.replace("A role", "Another").as_bytes(), None).unwrap();
        world
    }

    pub async fn sandbox() -> Sandbox {
        Sandbox::start(world()).await.unwrap()
    }

    pub async fn sandbox_with(change: impl FnOnce(&mut Options)) -> Sandbox {
        let mut world = world();
        change(&mut world.options);
        Sandbox::start(world).await.unwrap()
    }
}

#[path = "sandbox/faults.rs"]
#[cfg(test)]
mod faults;
#[path = "sandbox/imap.rs"]
#[cfg(test)]
mod imap;
#[path = "sandbox/smtp.rs"]
#[cfg(test)]
mod smtp;
