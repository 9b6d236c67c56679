//! All printing. stdout is data, stderr is talk; both are readable without colour.

use anstream::adapter::strip_bytes;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::{self, IsTerminal, Write};

/// The program's two outlets. Colour is used on a terminal that wants it (`NO_COLOR`, `CLICOLOR` are heeded).
pub(crate) struct Printer {
    out: AutoStream<io::Stdout>,
    talk: AutoStream<io::Stderr>,
    quiet: bool,
}

/// How a piece of text is set.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Strong,
    Faint,
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub(crate) fn style(self) -> Style {
        match self {
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Warn => AnsiColor::Yellow.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
        }
    }

    /// `text` in this tone; escape sequences are taken out again where there is no colour.
    pub(crate) fn set(self, text: &str) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

impl Printer {
    pub(crate) fn new() -> Self {
        Self {
            out: AutoStream::new(io::stdout(), choice(&io::stdout())),
            talk: AutoStream::new(io::stderr(), choice(&io::stderr())),
            quiet: false,
        }
    }

    pub(crate) fn hush(&mut self) {
        self.quiet = true;
    }

    /// Writes bytes as they are, whatever they hold; `false` if nobody reads any more.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<bool> {
        match io::stdout().lock().write_all(bytes) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            done => done.map(|()| true),
        }
    }

    /// Writes data. A reader that went away (`| head`) is no error.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        // In one piece where there is no colour: a stream that looks for colours writes line by line.
        let written = match self.out.current_choice() {
            ColorChoice::Never => io::stdout().lock().write_all(&strip_bytes(bytes).into_vec()),
            _ => self.out.write_all(bytes),
        };
        match written.and_then(|()| self.out.flush()) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }

    /// Says something to the user that is no data, unless they asked for quiet.
    pub(crate) fn say(&mut self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Says something that must be said.
    pub(crate) fn warn(&mut self, text: &str) {
        // There is nobody left to tell that stderr is gone.
        let _ = writeln!(self.talk, "{text}");
    }

    /// Whether stderr is a terminal, where progress may be drawn.
    pub(crate) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

fn choice(stream: &impl anstream::stream::RawStream) -> ColorChoice {
    AutoStream::choice(stream)
}
