//! One tree for YAML, JSON and HCL: values whose bytes are known.
//!
//! Every string knows which of its characters are which bytes of the text, or that they are none of them (escapes,
//! folded lines), so that an edit of a value is an edit of a span. Nothing is expanded: an alias is a pointer, and who
//! follows it pays from a budget, so that aliases that stand for aliases end in an error.

pub(crate) mod hcl;
pub(crate) mod json;
pub(crate) mod yaml;

use crate::{SourceError, Span};
use std::cell::Cell;

/// The longest text that is read: ten times the longest that anyone wrote by hand.
pub(crate) const TEXT_LIMIT: usize = 8 << 20;
/// The most values of one text.
pub(crate) const NODE_LIMIT: usize = 500_000;
/// The deepest nesting.
pub(crate) const DEPTH_LIMIT: usize = 100;
/// The most steps of looking something up through aliases and merge keys.
pub(crate) const STEP_LIMIT: u32 = 2_000_000;
/// The longest chain of merges.
const MERGE_DEPTH: u8 = 20;

/// A place in the tree.
pub(crate) type Id = usize;

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Text, a number, nothing.
    Scalar(Scalar),
    /// Keys and values in their order; keys may repeat.
    Map(Vec<(Id, Id)>),
    /// Values in their order.
    List(Vec<Id>),
    /// The same as another.
    Alias(Id),
    /// A value that this program does not evaluate, such as a function call.
    Opaque,
}

/// A value without parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scalar {
    /// What it says.
    pub(crate) value: String,
    /// Which bytes say it; `None` where the bytes are not the value.
    pub(crate) parts: Option<Vec<Part>>,
    /// Its bytes without quotes, or the nearest to them.
    pub(crate) span: Span,
    /// Whether it is written without quotes, so that what is put there must not need them.
    pub(crate) bare: bool,
}

/// A run of characters of a value that is a run of bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its first byte in the value.
    pub(crate) at: usize,
    /// Its bytes in the text.
    pub(crate) span: Span,
}

impl Scalar {
    /// The bytes of a piece of the value, if they are together.
    pub(crate) fn locate(&self, start: usize, end: usize) -> Option<Span> {
        let inside = |p: &&Part| p.at <= start && end <= p.at + p.span.len();
        let part = self.parts.as_ref()?.iter().find(inside)?;
        Some(Span::new(part.span.start + start - part.at, part.span.start + end - part.at))
    }
}

/// A parsed text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The documents of the text.
    pub(crate) roots: Vec<Id>,
    steps: Cell<u32>,
}

impl Tree {
    pub(crate) fn add(&mut self, node: Node) -> Result<Id, SourceError> {
        if self.nodes.len() >= NODE_LIMIT {
            return Err(SourceError::TooMany { limit: NODE_LIMIT });
        }
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    pub(crate) fn set(&mut self, id: Id, node: Node) {
        if let Some(place) = self.nodes.get_mut(id) {
            *place = node;
        }
    }

    /// What is looked up from now on has the whole budget of steps.
    pub(crate) fn begin(&self) {
        self.steps.set(0);
    }

    /// Whether following aliases ran out of steps, so that what was found is not all.
    pub(crate) fn gave_up(&self) -> bool {
        self.steps.get() >= STEP_LIMIT
    }

    fn step(&self) -> bool {
        let steps = self.steps.get();
        self.steps.set(steps.saturating_add(1));
        steps < STEP_LIMIT
    }

    /// The value behind `id`, aliases followed.
    pub(crate) fn node(&self, mut id: Id) -> Option<&Node> {
        for _ in 0..32 {
            match self.nodes.get(id)? {
                Node::Alias(to) if self.step() => id = *to,
                Node::Alias(_) => return None,
                node => return Some(node),
            }
        }
        None
    }

    /// The value itself, be it an alias.
    pub(crate) fn raw(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The scalar there.
    pub(crate) fn scalar(&self, id: Id) -> Option<&Scalar> {
        match self.node(id)? {
            Node::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// What the scalar there says.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        self.scalar(id).map(|s| s.value.as_str())
    }

    /// Whether there is a map.
    pub(crate) fn is_map(&self, id: Id) -> bool {
        matches!(self.node(id), Some(Node::Map(_)))
    }

    /// The values of a list; none if it is no list.
    pub(crate) fn items(&self, id: Id) -> &[Id] {
        match self.node(id) {
            Some(Node::List(items)) => items,
            _ => &[],
        }
    }

    /// The map's own keys that are text, with their values.
    pub(crate) fn own(&self, id: Id) -> impl Iterator<Item = (&str, Id)> {
        let pairs: &[(Id, Id)] = match self.node(id) {
            Some(Node::Map(pairs)) => pairs,
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((self.text(*key)?, *value)))
    }

    /// The map's keys with what `<<` merges in; an own key comes before a merged one.
    pub(crate) fn entries(&self, id: Id) -> Vec<(&str, Id)> {
        let mut all: Vec<(&str, Id)> = Vec::new();
        self.collect(id, 0, &mut all);
        all
    }

    fn collect<'t>(&'t self, id: Id, depth: u8, all: &mut Vec<(&'t str, Id)>) {
        if depth > MERGE_DEPTH || !self.step() {
            return;
        }
        let mut merged = Vec::new();
        for (key, value) in self.own(id) {
            if key == "<<" {
                merged.push(value);
            } else if depth == 0 || !all.iter().any(|(known, _)| *known == key) {
                all.push((key, value));
            }
        }
        for from in merged {
            if self.is_map(from) {
                self.collect(from, depth + 1, all);
            }
            for item in self.items(from) {
                self.collect(*item, depth + 1, all);
            }
        }
    }

    /// The value of a key, through merges; of several the last, as readers have it.
    pub(crate) fn get(&self, id: Id, key: &str) -> Option<Id> {
        self.find(id, key, 0)
    }

    fn find(&self, id: Id, key: &str, depth: u8) -> Option<Id> {
        if depth > MERGE_DEPTH || !self.step() {
            return None;
        }
        let own = self.own(id).filter(|(k, _)| *k == key).last().map(|(_, value)| value);
        own.or_else(|| {
            let merges = self.own(id).filter(|(k, _)| *k == "<<").map(|(_, value)| value);
            merges
                .flat_map(|from| [from].into_iter().chain(self.items(from).iter().copied()))
                .find_map(|from| self.find(from, key, depth + 1))
        })
    }

    /// A value further down.
    pub(crate) fn path(&self, id: Id, keys: &[&str]) -> Option<Id> {
        keys.iter().try_fold(id, |at, key| self.get(at, key))
    }

    /// The maps at and below `id`, aliases not followed.
    pub(crate) fn maps_below(&self, id: Id) -> Vec<Id> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.raw(id) {
                Some(Node::Map(pairs)) => {
                    found.push(id);
                    open.extend(pairs.iter().rev().map(|(_, value)| *value));
                }
                Some(Node::List(items)) => open.extend(items.iter().rev()),
                _ => {}
            }
        }
        found
    }

    /// All scalars in the order of the text, and the shape around them, to compare two texts by.
    pub(crate) fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        let mut open: Vec<Step> = self.roots.iter().rev().map(|id| Step::Enter(*id)).collect();
        while let Some(step) = open.pop() {
            let Step::Enter(id) = step else {
                leaves.push(Leaf::Close);
                continue;
            };
            match self.raw(id) {
                Some(Node::Scalar(scalar)) => leaves.push(Leaf::Scalar(scalar)),
                Some(Node::Map(pairs)) => {
                    leaves.push(Leaf::Map);
                    open.push(Step::Leave);
                    open.extend(pairs.iter().rev().flat_map(|(k, v)| [Step::Enter(*v), Step::Enter(*k)]));
                }
                Some(Node::List(items)) => {
                    leaves.push(Leaf::List);
                    open.push(Step::Leave);
                    open.extend(items.iter().rev().map(|id| Step::Enter(*id)));
                }
                Some(Node::Alias(to)) => leaves.push(Leaf::Alias(*to)),
                Some(Node::Opaque) | None => leaves.push(Leaf::Opaque),
            }
        }
        leaves
    }
}

enum Step {
    Enter(Id),
    Leave,
}

/// One step through a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'t> {
    Scalar(&'t Scalar),
    Map,
    List,
    Close,
    Alias(Id),
    Opaque,
}
