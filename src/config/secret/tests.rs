use secrecy::ExposeSecret as _;

use super::*;

fn auth(password: PasswordSource) -> Auth {
    Auth { username: "dana".into(), password }
}

#[test]
fn the_first_line_of_a_command_is_the_password() {
    let auth = auth(PasswordSource::Command("printf 'open sesame\\nsecond line\\n'".into()));
    assert_eq!(auth.password().unwrap().expose_secret(), "open sesame");
}

#[test]
fn a_password_never_shows_in_debug_output() {
    let password = auth(PasswordSource::Command("echo hunter2".into())).password().unwrap();
    assert!(!format!("{password:?}").contains("hunter2"));
}

#[test]
fn a_failing_command_is_told_without_what_it_printed() {
    let error = from_command("echo hunter2; exit 3", PATIENCE).unwrap_err().to_string();
    assert!(error.contains("exit status: 3") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_command_that_prints_nothing_gives_no_password() {
    for command in ["true", "echo", "printf '\\nlater\\n'"] {
        assert!(matches!(from_command(command, PATIENCE), Err(SecretError::Empty(_))), "{command}");
    }
}

#[test]
fn a_command_that_hangs_is_ended() {
    let result = from_command("exec sleep 60", Duration::from_millis(50));
    assert!(matches!(result, Err(SecretError::TooSlow(_))));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let error = auth(PasswordSource::Env("CHECKBACK_NO_SUCH_VARIABLE".into())).password().unwrap_err();
    assert!(error.to_string().contains("CHECKBACK_NO_SUCH_VARIABLE is not set"));
}

#[test]
fn a_variable_gives_its_value() {
    // PATH is the one variable that every test run has; no test may set variables of the process.
    let password = auth(PasswordSource::Env("PATH".into())).password().unwrap();
    assert_eq!(password.expose_secret(), std::env::var("PATH").unwrap());
}
