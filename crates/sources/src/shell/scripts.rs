//! Which texts of a Dockerfile a shell runs, and which shell.

use super::read::{Read, parser, read};
use super::{Interpreter, Script};
use crate::dockerfile::{Body, Dockerfile, Form, Heredoc, Instruction, Keyword};
use crate::span::Span;
use tree_sitter::Parser;

/// Shells that read what bash reads, near enough for commands and words.
const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"];

/// All texts that a shell runs, in order. What another program runs is not among them.
pub fn scripts(file: &Dockerfile) -> Vec<Script> {
    let Some(mut parser) = parser() else { return Vec::new() };
    let mut scripts = Vec::new();
    let stages = file.stages();
    let mut shells: Vec<Vec<String>> = Vec::new();
    let mut index = file.global_count();
    for stage in &stages {
        let inherited = stage.parent.and_then(|parent| shells.get(parent).cloned());
        let mut shell = inherited.unwrap_or_else(|| default_shell(stage.image.map_or("", |image| &image.text)));
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let mut place = Place { file, stage: stage.index, instruction: index + 1 + at, triggered: false };
            let mut target: &Instruction = instruction;
            if let Body::Onbuild(Some(inner)) = &instruction.body {
                (place.triggered, target) = (true, inner);
            }
            match (&target.kind, &target.body) {
                (Keyword::Shell, Body::Command(Form::Json(words))) if !place.triggered => {
                    shell = words.iter().map(|word| word.text.clone()).collect();
                }
                (Keyword::Run, _) => run(&mut parser, &place, target, &shell, &mut scripts),
                _ => {}
            }
        }
        index += 1 + stage.instructions.len();
        shells.push(shell);
    }
    scripts
}

/// `/bin/sh -c`, but for images of Windows.
fn default_shell(image: &str) -> Vec<String> {
    let windows = ["windows/", "nanoserver", "servercore"].iter().any(|word| image.contains(word));
    let words: &[&str] = if windows { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Who runs a text by this command line.
pub(super) fn interpreter(program: &str) -> Interpreter {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name).to_owned();
    if SHELLS.contains(&name.as_str()) { Interpreter::Shell(name) } else { Interpreter::Other(name) }
}

struct Place<'a> {
    file: &'a Dockerfile,
    stage: usize,
    instruction: usize,
    triggered: bool,
}

impl Place<'_> {
    fn script(&self, span: Span, heredoc: bool, shell: &[String], read: Read) -> Script {
        Script {
            stage: self.stage,
            instruction: self.instruction,
            triggered: self.triggered,
            heredoc,
            span,
            shell: shell.to_vec(),
            commands: read.commands,
            pipes: read.pipes,
            comments: read.comments,
            broken: read.broken,
        }
    }
}

fn run(parser: &mut Parser, place: &Place<'_>, instruction: &Instruction, shell: &[String], out: &mut Vec<Script>) {
    let Body::Command(Form::Shell { text, .. }) = &instruction.body else { return };
    if !matches!(interpreter(shell.first().map_or("", String::as_str)), Interpreter::Shell(_)) {
        return;
    }
    let masked = masked(place.file, instruction, text.span);
    let line = read(parser, &masked, text.span.start);
    let only_heredocs = masked.trim().is_empty();
    for heredoc in &instruction.heredocs {
        // `RUN <<EOF` is a script; `RUN bash <<EOF` feeds one to a shell; all else is data.
        let fed = line.commands.first().filter(|first| line.commands.len() == 1 && first.arguments().is_empty());
        let fed = fed.is_some_and(|c| matches!(interpreter(&c.words[0].text), Interpreter::Shell(_)));
        if (only_heredocs || fed) && runs_in_a_shell(place.file, heredoc) {
            let body = place.file.source(heredoc.body);
            let shell =
                shebang(body).map_or(shell.to_vec(), |line| line.split_whitespace().map(str::to_owned).collect());
            let text = read(parser, body, heredoc.body.start);
            out.push(place.script(heredoc.body, true, &shell, text));
        }
        if only_heredocs {
            return;
        }
    }
    out.push(place.script(text.span, false, shell, line));
}

/// What comes after `#!`.
fn shebang(body: &str) -> Option<&str> {
    body.trim_start_matches('\t').strip_prefix("#!").and_then(|rest| rest.lines().next())
}

fn runs_in_a_shell(file: &Dockerfile, heredoc: &Heredoc) -> bool {
    let Some(line) = shebang(file.source(heredoc.body)) else { return true };
    let mut words = line.split_whitespace();
    let program = match words.next() {
        Some(env) if env.ends_with("/env") => words.find(|word| !word.starts_with('-')),
        other => other,
    };
    matches!(interpreter(program.unwrap_or_default()), Interpreter::Shell(_))
}

/// The text of a RUN with blanks in place of what BuildKit takes out of it.
fn masked(file: &Dockerfile, instruction: &Instruction, span: Span) -> String {
    let source = file.source(span);
    let mut bytes = source.as_bytes().to_vec();
    let mut blank = |from: usize, to: usize| {
        let (from, to) = (from.max(span.start), to.min(span.end));
        if from < to {
            bytes[from - span.start..to - span.start].fill(b' ');
        }
    };
    let mut at = span.start;
    for piece in instruction.line.pieces() {
        blank(at, piece.start);
        at = at.max(piece.end);
    }
    for heredoc in &instruction.heredocs {
        blank(heredoc.mark.span.start, heredoc.mark.span.end);
    }
    // Only whole characters were replaced, so that this never falls back.
    String::from_utf8(bytes).unwrap_or_else(|_| " ".repeat(source.len()))
}
