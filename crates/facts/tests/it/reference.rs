//! A naive file system to which layers are applied in the archive's order, the way Docker's `UnpackLayer` does,
//! and random stacks of layers that it takes without an error.

use crate::build::{entry, tar};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};

/// One entry of a random layer. Paths have no leading slash.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Op {
    File(String),
    Dir(String),
    Symlink(String, String),
    HardLink(String, String),
    Whiteout(String),
    Opaque(String),
}

impl Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {path}"),
            Self::Dir(path) => write!(f, "dir {path}"),
            Self::Symlink(path, to) => write!(f, "link {path} -> {to}"),
            Self::HardLink(path, to) => write!(f, "hard {path} = {to}"),
            Self::Whiteout(path) => write!(f, "white {path}"),
            Self::Opaque(path) => write!(f, "opaque {path}"),
        }
    }
}

impl Op {
    /// Whether it hides.
    pub(crate) fn hides(&self) -> bool {
        matches!(self, Self::Whiteout(_) | Self::Opaque(_))
    }

    fn path(&self) -> &str {
        match self {
            Self::File(p) | Self::Dir(p) | Self::Symlink(p, _) | Self::HardLink(p, _) | Self::Whiteout(p) => p,
            Self::Opaque(p) => p,
        }
    }

    fn bytes(&self, content: &str) -> Vec<u8> {
        match self {
            Self::File(path) => entry(path, b'0', b"", content.as_bytes()),
            Self::Dir(path) => entry(format!("{path}/"), b'5', b"", b""),
            Self::Symlink(path, to) => entry(path, b'2', to.as_bytes(), b""),
            Self::HardLink(path, to) => entry(path, b'1', to.as_bytes(), b""),
            Self::Whiteout(path) => {
                let (folder, name) = split(path);
                entry(join(folder, &format!(".wh.{name}")), b'0', b"", b"")
            }
            Self::Opaque(path) => entry(join(path, ".wh..wh..opq"), b'0', b"", b""),
        }
    }
}

/// The layers of a stack as tars; a file's content is `LAYER.ENTRY`.
pub(crate) fn archives(stack: &[Vec<Op>]) -> Vec<Vec<u8>> {
    let layer = |(l, ops): (usize, &Vec<Op>)| {
        let entries: Vec<Vec<u8>> = ops.iter().enumerate().map(|(i, op)| op.bytes(&format!("{l}.{i}"))).collect();
        tar(&entries)
    };
    stack.iter().enumerate().map(layer).collect()
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Node {
    Dir,
    File(String),
    Symlink(String),
}

/// A file system as one flat table of paths.
#[derive(Clone, Default)]
pub(crate) struct Naive {
    nodes: BTreeMap<String, Node>,
    unpacked: BTreeSet<String>,
}

/// The entry cannot be extracted.
pub(crate) struct Refused;

impl Naive {
    /// Starts a new layer.
    pub(crate) fn next_layer(&mut self) {
        self.unpacked.clear();
    }

    /// Extracts one entry.
    pub(crate) fn apply(&mut self, op: &Op, content: &str) -> Result<(), Refused> {
        if let Op::Opaque(folder) = op {
            return self.opaque(folder);
        }
        let (folder, name) = split(op.path());
        let at = join(&self.make_folders(folder)?, name);
        if let Op::Whiteout(_) = op {
            self.remove(&at);
            return Ok(());
        }
        let both_folders = matches!((self.nodes.get(&at), op), (Some(Node::Dir), Op::Dir(_)));
        let linked = match op {
            Op::HardLink(_, to) => Some(self.linked(to, &at)?),
            _ => None,
        };
        if !both_folders {
            self.remove(&at);
        }
        let node = match op {
            Op::File(_) => Node::File(content.to_owned()),
            Op::Dir(_) => Node::Dir,
            Op::Symlink(_, to) => Node::Symlink(to.clone()),
            _ => linked.ok_or(Refused)?,
        };
        self.nodes.insert(at.clone(), node);
        self.unpacked.insert(at);
        Ok(())
    }

    /// What is there: `f:CONTENT`, `l:TARGET`, `d`.
    pub(crate) fn list(&self) -> BTreeMap<String, String> {
        let text = |node: &Node| match node {
            Node::Dir => "d".to_owned(),
            Node::File(content) => format!("f:{content}"),
            Node::Symlink(to) => format!("l:{to}"),
        };
        self.nodes.iter().map(|(path, node)| (format!("/{path}"), text(node))).collect()
    }

    fn opaque(&mut self, folder: &str) -> Result<(), Refused> {
        let at = self.resolve(folder, 40).filter(|at| self.is_dir(at)).ok_or(Refused)?;
        let keep = |path: &String| !self.unpacked.contains(path);
        let gone: Vec<String> = self.below(&at).into_iter().filter(keep).collect();
        gone.iter().for_each(|path| self.remove(path));
        Ok(())
    }

    /// What a hard link names: not a directory, and not what it is about to replace.
    fn linked(&self, to: &str, at: &str) -> Result<Node, Refused> {
        let (folder, name) = split(to);
        let target = join(&self.resolve(folder, 40).ok_or(Refused)?, name);
        let node = self.nodes.get(&target).filter(|n| **n != Node::Dir).ok_or(Refused)?;
        let inside = target == at || target.starts_with(&format!("{at}/"));
        if inside { Err(Refused) } else { Ok(node.clone()) }
    }

    fn make_folders(&mut self, folder: &str) -> Result<String, Refused> {
        if let Some(at) = self.resolve(folder, 40) {
            return if self.is_dir(&at) { Ok(at) } else { Err(Refused) };
        }
        let mut at = String::new();
        for name in folder.split('/') {
            let next = join(&at, name);
            at = match self.nodes.get(&next) {
                Some(Node::Dir) => next,
                Some(Node::File(_)) => return Err(Refused),
                Some(Node::Symlink(_)) => self.resolve(&next, 40).filter(|at| self.is_dir(at)).ok_or(Refused)?,
                None => {
                    self.nodes.insert(next.clone(), Node::Dir);
                    next
                }
            };
        }
        Ok(at)
    }

    fn is_dir(&self, at: &str) -> bool {
        at.is_empty() || self.nodes.get(at) == Some(&Node::Dir)
    }

    fn below(&self, at: &str) -> Vec<String> {
        let start = if at.is_empty() { String::new() } else { format!("{at}/") };
        self.nodes.keys().filter(|path| path.starts_with(&start)).cloned().collect()
    }

    fn remove(&mut self, at: &str) {
        self.below(at).iter().for_each(|path| drop(self.nodes.remove(path)));
        self.nodes.remove(at);
    }

    /// The path without links, if something is there.
    fn resolve(&self, path: &str, links: usize) -> Option<String> {
        let mut at = String::new();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        while let Some(part) = parts.next() {
            if !self.is_dir(&at) {
                return None;
            }
            match part {
                "." => continue,
                ".." => {
                    at = split(&at).0.to_owned();
                    continue;
                }
                _ => {}
            }
            let next = join(&at, part);
            if let Node::Symlink(to) = self.nodes.get(&next)? {
                let base = if to.starts_with('/') { "" } else { &at };
                let rest: Vec<&str> = parts.collect();
                return self.resolve(&[base, to, &rest.join("/")].join("/"), links.checked_sub(1)?);
            }
            at = next;
        }
        Some(at)
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// SplitMix64: small, and the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn path(&mut self) -> String {
        let depth = 1 + self.below(3);
        let names: Vec<&str> = (0..depth).map(|_| ["a", "b", "c", "d"][self.below(4) as usize]).collect();
        names.join("/")
    }

    fn target(&mut self) -> String {
        let path = self.path();
        let front = ["", "", "/", "../", "./"][self.below(5) as usize];
        format!("{front}{path}")
    }

    fn op(&mut self) -> Op {
        let path = self.path();
        match self.below(12) {
            0..=3 => Op::File(path),
            4 | 5 => Op::Dir(path),
            6 | 7 => Op::Symlink(path, self.target()),
            8 => Op::HardLink(path, self.path()),
            9 | 10 => Op::Whiteout(path),
            _ => Op::Opaque(path),
        }
    }
}

/// A stack of one to five layers that extracts without an error, and what the naive file system makes of it.
/// Whiteouts come first in a layer, as all builders write them, and a layer has no path twice.
pub(crate) fn stack(seed: u64) -> (Vec<Vec<Op>>, Naive) {
    let mut random = Random(seed);
    let mut naive = Naive::default();
    let mut layers = Vec::new();
    for number in 0..1 + random.below(5) {
        let count = 1 + random.below(14);
        let mut wishes: Vec<Op> = (0..count).map(|_| random.op()).collect();
        wishes.sort_by_key(|op| !op.hides());
        naive.next_layer();
        let mut layer: Vec<Op> = Vec::new();
        for op in wishes {
            let twice = layer.iter().any(|o| o.path() == op.path() && o.hides() == op.hides());
            let nothing_to_hide = op.hides() && naive.resolve(split(op.path()).0, 40).is_none();
            let mut tried = naive.clone();
            if !twice && !nothing_to_hide && tried.apply(&op, &format!("{number}.{}", layer.len())).is_ok() {
                naive = tried;
                layer.push(op);
            }
        }
        layers.push(layer);
    }
    (layers, naive)
}
