//! Two checkbacks on one mailbox, or one that lost its database while an answer waited: one answer leaves.

#[cfg(test)]
mod tests {
    use checkback::clock::Clock;
    use checkback::config::Config;
    use checkback::mail::compose::Templates;
    use checkback::sandbox::{Sandbox, World, hand_in};
    use checkback::service::{Workspace, sync};
    use checkback::store::reports;
    use jiff::SignedDuration;

    const PITCH: &str = "From: Robin Vale <robin@agency.example>\r\nTo: dana@devmail.example\r\n\
        Subject: Senior Rust Engineer in Leeds\r\nMessage-ID: <pitch@agency.example>\r\n\r\nHi Dana,\r\n\r\n\
        I'm a recruiter at Vale Search and came across your profile. My client is hiring a Senior Rust\r\n\
        Engineer, permanent, 90-100k. Are you open to a call this week?\r\n\r\nRobin Vale\r\n";

    fn workspace(sandbox: &Sandbox, folder: &std::path::Path, delay: &str, clock: &Clock) -> Workspace {
        let (imap, smtp) = (sandbox.imap_addr().port(), sandbox.smtp_addr().port());
        let text = format!(
            "[[account]]\nname = \"personal\"\nemail = \"dana@devmail.example\"\n\
             [account.imap]\nhost = \"127.0.0.1\"\nport = {imap}\ntls = \"none\"\n\
             [account.smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"none\"\n\
             [account.auth]\nusername = \"dana\"\npassword_command = \"echo secret\"\n\
             [auto_reply]\nmode = \"send\"\ndelay = \"{delay}\"\n"
        );
        let config = Config::parse(&text, std::path::Path::new("test.toml")).unwrap();
        Workspace::open(config, folder, Templates::shipped(), clock.clone()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_that_waits_is_cancelled_when_another_one_lies_in_sent() {
        let clock = Clock::fixed("2026-11-20T10:00:00Z".parse().unwrap());
        let ticking = clock.clone();
        let mut world = World::new(move || ticking.now());
        world.options.smtp_auth_required = false;
        world.add_user("dana", "secret", &["dana@devmail.example"]).add_usual_folders("dana").unwrap();
        let sandbox = Sandbox::start(world).await.unwrap();
        let (quick_data, slow_data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let quick = workspace(&sandbox, quick_data.path(), "0s", &clock);
        let slow = workspace(&sandbox, slow_data.path(), "15m", &clock);
        for one in [&quick, &slow] {
            sync::sync(one, None).await.unwrap();
        }
        clock.advance(SignedDuration::from_mins(1));
        hand_in(sandbox.smtp_addr(), "robin@agency.example", "dana@devmail.example", PITCH.as_bytes()).await.unwrap();

        sync::sync(&slow, None).await.unwrap();
        assert_eq!(reports::outbox_counts(slow.store().read()).unwrap()["queued"], 1);
        sync::sync(&quick, None).await.unwrap();
        assert_eq!(reports::outbox_counts(quick.store().read()).unwrap()["sent"], 1);
        clock.advance(SignedDuration::from_mins(16));
        sync::sync(&slow, None).await.unwrap();

        assert_eq!(reports::outbox_counts(slow.store().read()).unwrap()["cancelled"], 1);
        let sent = sandbox.world().accepted();
        assert_eq!(sent.iter().filter(|mail| mail.mail_from == "dana@devmail.example").count(), 1);
    }
}
