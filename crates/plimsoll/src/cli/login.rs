//! `plimsoll login` and `plimsoll logout`.

use super::Outcome;
use super::common::Common;
use crate::failure::Failure;
use crate::interrupt;
use crate::ops::{self, SignedIn};
use crate::printer::{Printer, Tone};
use crate::surroundings::Surroundings;
use console::Term;
use model::escaped;
use std::io::{self, IsTerminal as _, Read as _};
use transport::{Greeting, Keeper};

/// No real secret is near this.
const SECRET_LIMIT: u64 = 64 << 10;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll login                                   Docker Hub; asks for name and password
  plimsoll login ghcr.io -u ann --password-stdin < token

The registry is asked first: what it refuses is not kept. What it takes is kept where Docker
keeps it, so that Docker and its kin find it too: with the credential helper that
`config.json` names, else in `config.json` itself.";

/// Sign in to a registry: the sign-in is tried there, then kept where Docker keeps it
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Login {
    /// The registry's host, as in a reference.
    #[arg(value_name = "REGISTRY", default_value = "docker.io")]
    registry: String,
    /// The user's name; asked for unless given.
    #[arg(short, long, value_name = "NAME")]
    user: Option<String>,
    /// Read the password or access token from stdin instead of asking for it.
    #[arg(long, requires = "user")]
    password_stdin: bool,
}

/// Forget the sign-in to a registry
#[derive(clap::Args)]
#[command(after_help = "EXAMPLES\n  plimsoll logout            Docker Hub\n  plimsoll logout ghcr.io")]
pub(crate) struct Logout {
    /// The registry's host, as in a reference.
    #[arg(value_name = "REGISTRY", default_value = "docker.io")]
    registry: String,
}

pub(super) fn login(args: &Login, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let host = ops::registry_host(&args.registry)?;
    let access = common.access(surroundings);
    if access.offline {
        return Err(Failure::Offline(host));
    }
    let password = if args.password_stdin { Some(from_stdin()?) } else { None };
    let user = match &args.user {
        Some(user) => user.clone(),
        None => asked("user: ", false)?,
    };
    let password = match password {
        Some(password) => password,
        None => asked("password: ", true)?,
    };
    for (what, text) in [("user's name", &user), ("password", &password)] {
        if text.is_empty() {
            return Err(Failure::Empty(what));
        }
    }
    let SignedIn { greeting, keeper } = ops::login(&access, &host, &user, &password)?;
    printer.say(&match greeting {
        Greeting::Taken => format!("{} took the sign-in of {}", host, escaped(&user)),
        Greeting::NotAsked => format!("{} {host} asked for no sign-in, so it was not tried", Tone::Warn.set("note:")),
    });
    printer.say(&match &keeper {
        Keeper::Helper(_) => format!("kept by {}", place(&keeper)),
        Keeper::File(_) => format!("kept in {}, which is not encrypted", place(&keeper)),
    });
    Ok(0)
}

pub(super) fn logout(args: &Logout, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let host = ops::registry_host(&args.registry)?;
    let forgotten = ops::logout(surroundings, &host)?;
    if forgotten.is_empty() {
        printer.say(&format!("there was no sign-in to {host}"));
    }
    for keeper in &forgotten {
        printer.say(&format!("forgotten: the sign-in to {host} in {}", place(keeper)));
    }
    Ok(0)
}

fn place(keeper: &Keeper) -> String {
    match keeper {
        Keeper::Helper(name) => format!("the helper docker-credential-{}", escaped(name)),
        Keeper::File(path) => escaped(&path.display().to_string()).into_owned(),
    }
}

/// One line: what `echo` and editors put at its end is no part of a secret.
fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().take(SECRET_LIMIT).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks at the terminal; a secret is not shown while it is typed.
pub(super) fn asked(question: &str, secret: bool) -> Result<String, Failure> {
    let terminal = Term::stderr();
    if !io::stdin().is_terminal() || !terminal.is_term() {
        return Err(Failure::NoPassword);
    }
    terminal.write_str(question)?;
    let answer = if secret { interrupt::hidden(|| terminal.read_secure_line()) } else { terminal.read_line() };
    Ok(answer?.trim().to_owned())
}
