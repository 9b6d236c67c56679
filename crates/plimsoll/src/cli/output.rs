//! `-o FORMAT[=FILE]`: what to write, and where to.

use crate::failure::{Failure, file};
use crate::interrupt;
use crate::printer::Printer;
use anstream::adapter::strip_bytes;
use model::escaped;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One document to write.
#[derive(Clone, Debug)]
pub(crate) struct Output<F> {
    pub(crate) format: F,
    /// `None`: stdout.
    pub(crate) file: Option<PathBuf>,
}

impl<F: FromStr> FromStr for Output<F>
where
    F::Err: fmt::Display,
{
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').map_or((text, None), |(format, path)| (format, Some(path)));
        let format = format.parse().map_err(|e: F::Err| e.to_string())?;
        match path {
            Some("") => Err("a file name must follow the `=`".to_owned()),
            // As everywhere else; a file of that name is `./-`.
            Some("-") => Ok(Self { format, file: None }),
            path => Ok(Self { format, file: path.map(PathBuf::from) }),
        }
    }
}

/// The outputs asked for, `fallback` where none was. Two documents on one stdout, or in one file, are none.
pub(crate) fn chosen<F: Clone>(asked: &[Output<F>], json: Option<F>, fallback: F) -> Result<Vec<Output<F>>, Failure> {
    let mut outputs = asked.to_vec();
    outputs.extend(json.map(|format| Output { format, file: None }));
    if outputs.is_empty() {
        outputs.push(Output { format: fallback, file: None });
    }
    for (at, output) in outputs.iter().enumerate() {
        if outputs[..at].iter().any(|other| other.file == output.file) {
            return Err(Failure::SameOutput(output.file.clone()));
        }
    }
    Ok(outputs)
}

/// What a command writes that has something to show to people, and the same as JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Terminal,
    Json,
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            other => Err(format!("`{other}` is not `terminal` or `json`")),
        }
    }
}

/// The flags of such a command.
#[derive(clap::Args)]
pub(crate) struct Shown {
    /// `terminal` or `json`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Shape>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
}

impl Shown {
    /// What to write, told before any work is done.
    pub(crate) fn outputs(&self) -> Result<Vec<Output<Shape>>, Failure> {
        chosen(&self.output, self.json.then_some(Shape::Json), Shape::Terminal)
    }
}

/// Writes `bytes` to stdout, or to a file that is either whole or as it was before. A file gets no colours.
pub(crate) fn deliver(bytes: &[u8], to: Option<&Path>, printer: &mut Printer) -> Result<(), Failure> {
    let Some(path) = to else { return Ok(printer.data(bytes)?) };
    let plain = strip_bytes(bytes).into_vec();
    interrupt::whole(|| replace(path, &plain))?;
    printer.say(&format!("wrote {}", escaped(&path.display().to_string())));
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // A pipe or a device (`/dev/stdout`) is written to; only a regular file can be swapped for another.
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return std::fs::write(path, bytes).map_err(file("write", path));
    }
    // A link stays a link: what it leads to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut draft = tempfile::Builder::new().prefix(".plimsoll-").make_in(folder, create)?;
        draft.write_all(bytes)?;
        draft.persist(&target).map(drop).map_err(|e| e.error)
    };
    write().map_err(file("write", path))
}

/// As any program creates a file: the umask takes away what the user does not want. Created here and not by
/// `tempfile`, whose errors name the draft instead of the file that was asked for.
fn create(draft: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(draft)
}
