//! From tree-sitter's tree to commands.

use super::{Command, Pipe, Word};
use crate::span::Span;
use tree_sitter::{Node, Parser};

/// How deep constructs may nest before the rest is left unread.
const DEEPEST: usize = 200;
/// What stands before another command and leaves it what it is.
const WRAPPERS: [&str; 6] = ["sudo", "env", "exec", "command", "time", "builtin"];

#[derive(Default)]
pub(super) struct Read {
    pub(super) commands: Vec<Command>,
    pub(super) pipes: Vec<Pipe>,
    pub(super) comments: Vec<Span>,
    pub(super) broken: bool,
}

/// A parser for bash, which reads what POSIX shells read.
pub(super) fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// All commands of `text`, which stands at `offset` of the file.
pub(super) fn read(parser: &mut Parser, text: &str, offset: usize) -> Read {
    let mut reader = Reader { text, offset, read: Read::default() };
    match parser.parse(text, None) {
        Some(tree) => {
            reader.read.broken = tree.root_node().has_error();
            reader.node(tree.root_node(), false, 0);
        }
        None => reader.read.broken = true,
    }
    reader.read.commands.sort_by_key(|command| (command.span.start, std::cmp::Reverse(command.span.end)));
    reader.read
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    read: Read,
}

impl Reader<'_> {
    fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.offset + node.start_byte(), self.offset + node.end_byte())
    }

    fn source(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn node(&mut self, node: Node<'_>, substituted: bool, depth: usize) {
        if depth > DEEPEST {
            self.read.broken = true;
            return;
        }
        match node.kind() {
            "command" => self.command(node, substituted),
            "declaration_command" | "unset_command" => self.declaration(node, substituted),
            "test_command" => self.test(node, substituted),
            "pipeline" => self.pipeline(node),
            "comment" => {
                let span = self.span(node);
                self.read.comments.push(span);
            }
            _ => {}
        }
        let substituted = substituted || matches!(node.kind(), "command_substitution" | "process_substitution");
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.node(child, substituted, depth + 1);
        }
    }

    fn command(&mut self, node: Node<'_>, substituted: bool) {
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "variable_assignment" | "file_redirect" | "herestring_redirect" | "heredoc_redirect" | "comment" => {}
                _ => words.push(self.word(child)),
            }
        }
        self.push(node, words, substituted);
    }

    /// `export A=b`: its first child is its name.
    fn declaration(&mut self, node: Node<'_>, substituted: bool) {
        let mut cursor = node.walk();
        let words = node.children(&mut cursor).map(|child| self.word(child)).collect();
        self.push(node, words, substituted);
    }

    fn test(&mut self, node: Node<'_>, substituted: bool) {
        let name = node.child(0).map(|child| self.word(child));
        self.push(node, name.into_iter().collect(), substituted);
    }

    fn push(&mut self, node: Node<'_>, mut words: Vec<Word>, substituted: bool) {
        let wrapped = wrapped(&words);
        let before = words.drain(..wrapped).collect();
        if words.is_empty() {
            return;
        }
        // What follows a pipe's last command is the grammar's redirection of the whole pipe.
        let last = |pipe: &Node<'_>| pipe.kind() == "pipeline" && pipe.end_byte() == node.end_byte();
        let parent = node.parent().and_then(|parent| if last(&parent) { parent.parent() } else { Some(parent) });
        let holder = parent.filter(|parent| parent.kind() == "redirected_statement");
        let redirects = [Some(node), holder].into_iter().flatten().flat_map(|holder| {
            let mut cursor = holder.walk();
            holder.children(&mut cursor).filter(|c| c.kind().ends_with("_redirect")).collect::<Vec<_>>()
        });
        let redirects = redirects.map(|redirect| self.span(redirect)).collect();
        let outer = holder.unwrap_or(node);
        let joined = outer.next_sibling().map(|next| self.source(next).to_owned());
        let joined = joined.filter(|text| matches!(text.as_str(), "&&" | "||" | ";" | "|" | "&" | "\n" | "|&"));
        let span = self.span(node);
        self.read.commands.push(Command { span, words, before, redirects, substituted, joined });
    }

    fn pipeline(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let bar = node.children(&mut cursor).find(|child| matches!(child.kind(), "|" | "|&"));
        if let Some(bar) = bar {
            let pipe = Pipe { span: self.span(node), bar: self.span(bar) };
            self.read.pipes.push(pipe);
        }
    }

    fn word(&self, node: Node<'_>) -> Word {
        let mut text = String::new();
        let plain = self.said(node, &mut text, 0);
        Word { span: self.span(node), text, plain }
    }

    /// What a word says; whether nothing in it is expanded.
    fn said(&self, node: Node<'_>, out: &mut String, depth: usize) -> bool {
        let source = self.source(node);
        match node.kind() {
            "raw_string" => out.push_str(source.get(1..source.len().saturating_sub(1)).unwrap_or_default()),
            "word" | "variable_name" => out.push_str(&unescaped(source)),
            "string_content" => out.push_str(source),
            "command_name" | "concatenation" | "string" if depth < DEEPEST => {
                let mut plain = true;
                let mut cursor = node.walk();
                let mut at = node.start_byte();
                for child in node.children(&mut cursor) {
                    // Blanks inside a string are no node of their own.
                    out.push_str(self.text.get(at..child.start_byte()).unwrap_or_default());
                    at = child.end_byte();
                    if child.kind() != "\"" {
                        plain &= self.said(child, out, depth + 1);
                    }
                }
                if node.child_count() == 0 {
                    out.push_str(source);
                }
                return plain;
            }
            "number" | "[" | "[[" | "test_operator" | "export" | "declare" | "local" | "readonly" | "typeset"
            | "unset" | "==" | "=~" | "$" | "unsetenv" => out.push_str(source),
            "variable_assignment" => {
                out.push_str(source);
                return !source.contains(['$', '`']);
            }
            _ => {
                out.push_str(source);
                return false;
            }
        }
        true
    }
}

/// How many words stand before the command that a wrapper runs.
fn wrapped(words: &[Word]) -> usize {
    let mut at = 0;
    while at + 1 < words.len() && WRAPPERS.contains(&words[at].text.rsplit('/').next().unwrap_or_default()) {
        let wrapper = at;
        at += 1;
        while at < words.len() && (words[at].text.starts_with('-') || is_assignment(&words[at].text)) {
            // `sudo -u name`, `env -u NAME`: the option takes the next word.
            at += if matches!(words[at].text.as_str(), "-u" | "-g" | "-C") { 2 } else { 1 };
        }
        if at >= words.len() {
            return wrapper;
        }
    }
    at
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut said = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        said.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    said
}
