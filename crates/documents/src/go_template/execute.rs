//! Running a template: statements, pipelines and variables.

use super::nodes::{Branch, Call, Command, Node, Pipe, Spot, Word, WordKind};
use super::printf::quoted;
use super::{MissingKey, Template, Value, Written};
use super::{fields, print, range};

/// Templates that call templates: fewer than Go allows, since a stack is no heap here.
const CALLS: usize = 150;
/// Nodes walked.
const STEPS: u64 = 2_000_000;
/// Bytes written.
pub(super) const OUTPUT: usize = 64 << 20;

/// Runs `template` over `data`.
pub(super) fn run(template: &Template, data: &Value, missing: MissingKey) -> Result<Written, String> {
    let mut state = State {
        template,
        missing,
        variables: vec![("$".to_owned(), data.clone())],
        spot: None,
        calls: 0,
        steps: 0,
        written: Written::default(),
        name: String::new(),
    };
    let Some(main) = template.parts.get("") else { return Ok(state.written) };
    match state.list(data, main) {
        Ok(_) => Ok(state.written),
        Err(why) => Err(state.placed(&why)),
    }
}

/// Whether a list ran to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Break,
    Continue,
}

pub(super) struct State<'a> {
    pub(super) template: &'a Template,
    pub(super) missing: MissingKey,
    pub(super) variables: Vec<(String, Value)>,
    spot: Option<Spot<'a>>,
    calls: usize,
    steps: u64,
    pub(super) written: Written,
    /// Of the part that runs.
    name: String,
}

impl<'a> State<'a> {
    fn placed(&self, why: &str) -> String {
        let name = quoted(&self.name);
        let Some(spot) = &self.spot else { return format!("template: : executing {name}: {why}") };
        let before = &self.template.text[..spot.at().min(self.template.text.len())];
        let column = before.rfind('\n').map_or(before.len(), |newline| before.len() - newline - 1);
        let line = 1 + before.matches('\n').count();
        format!("template: :{line}:{column}: executing {name} at <{spot}>: {why}")
    }

    pub(super) fn look_at(&mut self, spot: Spot<'a>) {
        self.spot = Some(spot);
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), String> {
        if self.written.text.len() + text.len() > OUTPUT {
            return Err(format!("more than {OUTPUT} bytes of output"));
        }
        self.written.text.push_str(text);
        Ok(())
    }

    pub(super) fn list(&mut self, dot: &Value, nodes: &'a [Node]) -> Result<Flow, String> {
        for node in nodes {
            match self.walk(dot, node)? {
                Flow::On => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::On)
    }

    /// Counts a node or a round of a loop: an empty loop in a loop would else never end.
    pub(super) fn step(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > STEPS { Err(format!("more than {STEPS} steps")) } else { Ok(()) }
    }

    fn walk(&mut self, dot: &Value, node: &'a Node) -> Result<Flow, String> {
        self.look_at(Spot::Node(node.at(), node));
        self.step()?;
        match node {
            Node::Text(text) => self.write(text)?,
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.look_at(Spot::Node(node.at(), node));
                    self.note(&value);
                    self.write(&print::printed(&value))?;
                }
            }
            Node::If(branch) => return self.branch(dot, branch, false),
            Node::With(branch) => return self.branch(dot, branch, true),
            Node::Range(branch) => return range::walk(self, dot, branch),
            Node::Template(call) => self.call(dot, call)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::End | Node::Else => {}
        }
        Ok(Flow::On)
    }

    fn branch(&mut self, dot: &Value, branch: &'a Branch, moves: bool) -> Result<Flow, String> {
        let mark = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        self.note(&value);
        let flow = match &branch.otherwise {
            _ if value.is_true() => self.list(if moves { &value } else { dot }, &branch.list)?,
            Some(otherwise) => self.list(dot, otherwise)?,
            None => Flow::On,
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn call(&mut self, dot: &Value, call: &'a Call) -> Result<(), String> {
        self.look_at(Spot::Call(call));
        let Some(nodes) = self.template.parts.get(&call.name) else {
            return Err(format!("template {} not defined", quoted(&call.name)));
        };
        if self.calls == CALLS {
            return Err(format!("exceeded maximum template depth ({CALLS})"));
        }
        let dot = match &call.pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Missing,
        };
        self.calls += 1;
        let outside = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
        let name = std::mem::replace(&mut self.name, call.name.clone());
        self.list(&dot, nodes)?;
        (self.variables, self.name) = (outside, name);
        self.calls -= 1;
        Ok(())
    }

    /// The value of a pipeline. Its variables stay until the caller takes them away.
    pub(super) fn pipe(&mut self, dot: &Value, pipe: &'a Pipe) -> Result<Value, String> {
        self.look_at(Spot::Pipe(pipe));
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?.unwrapped());
        }
        let value = value.unwrap_or(Value::Missing);
        for variable in &pipe.variables {
            if pipe.assigns {
                self.assign(variable, &value)?;
            } else {
                self.variables.push((variable.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    pub(super) fn assign(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let Some(variable) = self.variables.iter_mut().rev().find(|(known, _)| known == name) else {
            return Err(format!("undefined variable: {name}"));
        };
        variable.1 = value.clone();
        Ok(())
    }

    fn variable(&self, name: &str) -> Result<Value, String> {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).ok_or_else(|| format!("undefined variable: {name}"))
    }

    /// The value of a command; `last` is what the command before it gave.
    fn command(&mut self, dot: &Value, command: &'a Command, last: Option<Value>) -> Result<Value, String> {
        let Some(first) = command.words.first() else { return Ok(Value::Missing) };
        let has_arguments = command.words.len() > 1 || last.is_some();
        match &first.kind {
            WordKind::Function(name) => {
                self.look_at(Spot::Word(first));
                return self.function(dot, name, Spot::Command(command), &command.words[1..], last);
            }
            WordKind::Field(_) | WordKind::Chain(..) => return self.chain(dot, first, has_arguments),
            WordKind::Variable(names) if names.len() > 1 => return self.chain(dot, first, has_arguments),
            // What is in parentheses looks for itself.
            WordKind::Pipe(_) => {}
            _ => self.look_at(Spot::Word(first)),
        }
        if has_arguments {
            return Err(format!("can't give argument to non-function {first}"));
        }
        if matches!(first.kind, WordKind::Nil) {
            return Err("nil is not a command".to_owned());
        }
        self.word(dot, first)
    }

    /// The value of a word that is given to something.
    pub(super) fn word(&mut self, dot: &Value, word: &'a Word) -> Result<Value, String> {
        self.look_at(Spot::Word(word));
        match &word.kind {
            WordKind::Dot => Ok(dot.clone()),
            WordKind::Nil => Ok(Value::Nil),
            WordKind::Bool(truth) => Ok(Value::Bool(*truth)),
            WordKind::Number(number) => number.constant(),
            WordKind::Text(_, said) => Ok(Value::text(said)),
            WordKind::Variable(names) if names.len() == 1 => self.variable(&names[0]),
            WordKind::Field(_) | WordKind::Variable(_) | WordKind::Chain(..) => self.chain(dot, word, false),
            WordKind::Function(name) => self.function(dot, name, Spot::Word(word), &[], None),
            WordKind::Pipe(pipe) => self.pipe(dot, pipe),
        }
    }

    fn chain(&mut self, dot: &Value, word: &'a Word, has_arguments: bool) -> Result<Value, String> {
        self.look_at(Spot::Word(word));
        let (mut value, names) = match &word.kind {
            WordKind::Field(names) => (dot.clone(), &names[..]),
            WordKind::Variable(names) => (self.variable(&names[0])?, &names[1..]),
            WordKind::Chain(of, _) if matches!(of.kind, WordKind::Nil) => {
                return Err(format!("indirection through explicit nil in {word}"));
            }
            WordKind::Chain(of, names) => (self.word(dot, of)?, &names[..]),
            _ => return Ok(Value::Missing),
        };
        let mut boxed = false;
        for (number, name) in names.iter().enumerate() {
            let given = has_arguments && number + 1 == names.len();
            let boxes = matches!(value, Value::Map("map[string]interface {}", ..));
            value = fields::field(&value, name, given, boxed, self.missing)?;
            boxed = boxes;
            self.note(&value);
        }
        Ok(value)
    }

    /// Remembers that a template asked for what only an engine knows.
    fn note(&mut self, value: &Value) {
        if let Value::Elsewhere(name) = value {
            self.written.elsewhere.insert(name);
        }
    }
}
