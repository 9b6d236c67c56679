//! From words to the tree, by Go's grammar and with its complaints.

use super::builtins;
use super::display::unquoted;
use super::lex::{Kind, Token, tokens};
use super::nodes::{Branch, Call, Command, Node, Pipe, Word, WordKind};
use super::number::number;
use super::printf::quoted;
use std::collections::BTreeMap;

/// Blocks and parentheses in each other: more than anybody writes, less than a stack holds.
const DEPTH: usize = 100;

type Parts = BTreeMap<String, Vec<Node>>;

/// The parts of a template by name; the main one has none.
pub(super) fn parse(text: &str) -> Result<Parts, String> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        seen: 0,
        variables: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
        action_line: 0,
        parts: Parts::new(),
    };
    match parser.main() {
        Ok(main) => {
            parser.add(String::new(), main).map_err(|why| parser.placed(&why))?;
            Ok(parser.parts)
        }
        Err(why) => Err(parser.placed(&why)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// One past the furthest word looked at: errors are reported on its line.
    seen: usize,
    variables: Vec<String>,
    ranges: usize,
    depth: usize,
    /// The line of the action that is open; none is 0.
    action_line: usize,
    parts: Parts,
}

impl Parser {
    fn placed(&self, why: &str) -> String {
        let line = self.tokens.get(self.seen.saturating_sub(1)).map_or(1, |token| token.line);
        format!("template: :{line}: {why}")
    }

    fn peek(&mut self) -> Token {
        let last = self.tokens.len() - 1;
        let at = self.at.min(last);
        self.seen = self.seen.max(at + 1);
        self.tokens[at].clone()
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek_word(&mut self) -> Token {
        self.skip_space();
        self.peek()
    }

    fn next_word(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    fn unexpected(&self, token: &Token, context: &str) -> String {
        if token.kind != Kind::Error {
            return format!("unexpected {} in {context}", token.shown());
        }
        let mut extra = String::new();
        if self.action_line != 0 && self.action_line != token.line {
            let action = if token.text.ends_with(" action") { "" } else { " in action" };
            extra = format!("{action} started at :{}", self.action_line);
        }
        format!("{}{extra}", token.text)
    }

    fn expect_right(&mut self, context: &str) -> Result<Token, String> {
        let token = self.next_word();
        if token.kind == Kind::Right { Ok(token) } else { Err(self.unexpected(&token, context)) }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH { Err("max expression depth exceeded".to_owned()) } else { Ok(()) }
    }

    /// An empty definition does not replace another; two that are not empty are an error.
    fn add(&mut self, name: String, nodes: Vec<Node>) -> Result<(), String> {
        let is_empty = |nodes: &[Node]| nodes.iter().all(|n| matches!(n, Node::Text(t) if t.trim().is_empty()));
        match self.parts.get(&name) {
            Some(there) if !is_empty(there) && !is_empty(&nodes) => {
                Err(format!("template: multiple definition of template {}", quoted(&name)))
            }
            Some(there) if !is_empty(there) => Ok(()),
            _ => {
                self.parts.insert(name, nodes);
                Ok(())
            }
        }
    }

    fn main(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        while self.peek().kind != Kind::End {
            if self.peek().kind == Kind::Left {
                let opening = self.at;
                self.next();
                if self.next_word().is("define") {
                    self.definition()?;
                    continue;
                }
                self.at = opening;
            }
            match self.text_or_action()? {
                node @ (Node::End | Node::Else) => return Err(format!("unexpected {node}")),
                node => nodes.push(node),
            }
        }
        Ok(nodes)
    }

    /// A part of its own: it knows no variables but `$`, and no loop around it.
    fn apart<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let read = read(self)?;
        (self.variables, self.ranges) = (variables, ranges);
        Ok(read)
    }

    fn definition(&mut self) -> Result<(), String> {
        let context = "define clause";
        let token = self.next_word();
        let name = self.part_name(&token, context)?;
        self.expect_right(context)?;
        let nodes = self.apart(|parser| parser.closed_list(context))?;
        self.add(name, nodes)
    }

    fn closed_list(&mut self, context: &str) -> Result<Vec<Node>, String> {
        match self.list()? {
            (nodes, Node::End) => Ok(nodes),
            (_, end) => Err(format!("unexpected {end} in {context}")),
        }
    }

    /// Nodes up to an `{{end}}` or `{{else}}`, which is given apart.
    fn list(&mut self) -> Result<(Vec<Node>, Node), String> {
        self.deeper()?;
        let mut nodes = Vec::new();
        while self.peek_word().kind != Kind::End {
            match self.text_or_action()? {
                end @ (Node::End | Node::Else) => {
                    self.depth -= 1;
                    return Ok((nodes, end));
                }
                node => nodes.push(node),
            }
        }
        Err("unexpected EOF".to_owned())
    }

    fn text_or_action(&mut self) -> Result<Node, String> {
        let token = self.next_word();
        match token.kind {
            Kind::Text => Ok(Node::Text(token.text)),
            Kind::Left => {
                self.action_line = token.line;
                let node = self.action();
                if node.is_ok() {
                    self.action_line = 0;
                }
                node
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    fn action(&mut self) -> Result<Node, String> {
        let start = self.at;
        let token = self.next_word();
        if token.kind == Kind::Keyword {
            match token.text.as_str() {
                "block" => return self.block(),
                "break" => return self.jump("{{break}}", Node::Break),
                "continue" => return self.jump("{{continue}}", Node::Continue),
                "else" => return self.otherwise(),
                "end" => return self.expect_right("end").map(|_| Node::End),
                "if" => return self.branch("if").map(Node::If),
                "range" => return self.branch("range").map(Node::Range),
                "template" => return self.call(),
                "with" => return self.branch("with").map(Node::With),
                _ => {}
            }
        }
        self.at = start;
        // Its variables live on until the list around it ends.
        self.pipe("command", Kind::Right).map(Node::Action)
    }

    fn jump(&mut self, name: &str, node: Node) -> Result<Node, String> {
        self.expect_right(name)?;
        if self.ranges == 0 { Err(format!("{name} outside {{{{range}}}}")) } else { Ok(node) }
    }

    /// `{{else}}`; that of `{{else if …}}` leaves the `if` to be read.
    fn otherwise(&mut self) -> Result<Node, String> {
        let next = self.peek_word();
        if !next.is("if") && !next.is("with") {
            self.expect_right("else")?;
        }
        Ok(Node::Else)
    }

    fn branch(&mut self, word: &'static str) -> Result<Branch, String> {
        let known = self.variables.len();
        let pipe = self.pipe(word, Kind::Right)?;
        let looping = usize::from(word == "range");
        self.ranges += looping;
        let (list, end) = self.list()?;
        self.ranges -= looping;
        let otherwise = if matches!(end, Node::Else) { Some(self.else_list(word)?) } else { None };
        self.variables.truncate(known);
        Ok(Branch { pipe, list, otherwise })
    }

    fn else_list(&mut self, word: &'static str) -> Result<Vec<Node>, String> {
        if word != "range" && self.peek().is(word) {
            self.next();
            self.deeper()?;
            let branch = self.branch(word)?;
            self.depth -= 1;
            return Ok(vec![if word == "if" { Node::If(branch) } else { Node::With(branch) }]);
        }
        match self.list()? {
            (nodes, Node::End) => Ok(nodes),
            (_, end) => Err(format!("expected end; found {end}")),
        }
    }

    fn block(&mut self) -> Result<Node, String> {
        let context = "block clause";
        let token = self.next_word();
        let name = self.part_name(&token, context)?;
        let pipe = self.pipe(context, Kind::Right)?;
        let nodes = self.apart(|parser| parser.closed_list(context))?;
        self.add(name.clone(), nodes)?;
        Ok(Node::Template(Call { at: token.at, name, pipe: Some(pipe) }))
    }

    fn call(&mut self) -> Result<Node, String> {
        let context = "template clause";
        let token = self.next_word();
        let name = self.part_name(&token, context)?;
        let pipe = if self.peek_word().kind == Kind::Right {
            self.next();
            None
        } else {
            Some(self.pipe(context, Kind::Right)?)
        };
        Ok(Node::Template(Call { at: token.at, name, pipe }))
    }

    fn part_name(&self, token: &Token, context: &str) -> Result<String, String> {
        match token.kind {
            Kind::Quoted | Kind::RawQuoted => unquoted(&token.text).ok_or("invalid syntax".to_owned()),
            _ => Err(self.unexpected(token, context)),
        }
    }

    fn pipe(&mut self, context: &'static str, end: Kind) -> Result<Pipe, String> {
        let at = self.peek_word().at;
        let mut pipe = Pipe { at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(context, &mut pipe)?;
        loop {
            let start = self.at;
            let token = self.next_word();
            match token.kind {
                kind if kind == end => {
                    check(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool | Kind::Rune | Kind::Complex | Kind::Dot | Kind::Field | Kind::Identifier => {}
                Kind::Number | Kind::Nil | Kind::RawQuoted | Kind::Quoted | Kind::Variable | Kind::LeftParen => {}
                _ => return Err(self.unexpected(&token, context)),
            }
            self.at = start;
            let command = self.command()?;
            pipe.commands.push(command);
        }
    }

    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<(), String> {
        loop {
            let variable = self.peek_word();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            let start = self.at;
            self.next();
            let next = self.peek_word();
            let is_comma = next.kind == Kind::Char && next.text == ",";
            if !is_comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.at = start;
                return Ok(());
            }
            self.next();
            pipe.variables.push(variable.text.clone());
            self.variables.push(variable.text);
            if !is_comma {
                pipe.assigns = next.kind == Kind::Assign;
                return Ok(());
            }
            if context != "range" || pipe.variables.len() >= 2 {
                return Err(format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_word().kind, Kind::Variable | Kind::Right | Kind::RightParen) {
                return Err("range can only initialize variables".to_owned());
            }
        }
    }

    fn command(&mut self) -> Result<Command, String> {
        let at = self.peek_word().at;
        let mut words = Vec::new();
        loop {
            self.skip_space();
            words.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::Right | Kind::RightParen => self.at -= 1,
                Kind::Pipe => {}
                _ => return Err(self.unexpected(&token, "operand")),
            }
            break;
        }
        if words.is_empty() { Err("empty command".to_owned()) } else { Ok(Command { at, words }) }
    }

    fn operand(&mut self) -> Result<Option<Word>, String> {
        let Some(word) = self.term()? else { return Ok(None) };
        let at = self.peek().at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        if names.is_empty() {
            return Ok(Some(word));
        }
        let kind = match word.kind {
            WordKind::Field(first) => WordKind::Field(first.into_iter().chain(names).collect()),
            WordKind::Variable(first) => WordKind::Variable(first.into_iter().chain(names).collect()),
            WordKind::Bool(_) | WordKind::Text(..) | WordKind::Number(_) | WordKind::Nil | WordKind::Dot => {
                return Err(format!("unexpected . after term {}", quoted(&word.to_string())));
            }
            _ => WordKind::Chain(Box::new(word), names),
        };
        Ok(Some(Word { at, kind }))
    }

    fn term(&mut self) -> Result<Option<Word>, String> {
        let start = self.at;
        let token = self.next_word();
        let kind = match token.kind {
            Kind::Identifier if !builtins::exists(&token.text) => {
                return Err(format!("function {} not defined", quoted(&token.text)));
            }
            Kind::Identifier => WordKind::Function(token.text),
            Kind::Dot => WordKind::Dot,
            Kind::Nil => WordKind::Nil,
            Kind::Variable if self.variables.contains(&token.text) => WordKind::Variable(vec![token.text]),
            Kind::Variable => return Err(format!("undefined variable {}", quoted(&token.text))),
            Kind::Field => WordKind::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => WordKind::Bool(token.text == "true"),
            Kind::Rune | Kind::Complex | Kind::Number => WordKind::Number(number(&token.text)?),
            Kind::LeftParen => {
                self.deeper()?;
                let pipe = self.pipe("parenthesized pipeline", Kind::RightParen)?;
                self.depth -= 1;
                WordKind::Pipe(pipe)
            }
            Kind::Quoted | Kind::RawQuoted => {
                let said = unquoted(&token.text).ok_or("invalid syntax")?;
                WordKind::Text(token.text, said)
            }
            _ => {
                self.at = start;
                return Ok(None);
            }
        };
        let at = match &kind {
            WordKind::Pipe(pipe) => pipe.at,
            _ => token.at,
        };
        Ok(Some(Word { at, kind }))
    }
}

fn check(pipe: &Pipe, context: &str) -> Result<(), String> {
    if pipe.commands.is_empty() {
        return Err(format!("missing value for {context}"));
    }
    for (number, command) in pipe.commands.iter().enumerate().skip(1) {
        let first = command.words.first().map(|word| &word.kind);
        if let Some(WordKind::Bool(_) | WordKind::Dot | WordKind::Nil | WordKind::Number(_) | WordKind::Text(..)) =
            first
        {
            return Err(format!("non executable command in pipeline stage {}", number + 1));
        }
    }
    Ok(())
}
