//! Edits that surely change nothing but the waste.
//!
//! Two are sure enough to be written: a package tool's cache is removed at the end of the RUN that filled it, and what a
//! COPY brings gets its mode or owner there instead of from the RUN after it. All else, joining RUNs
//! above all, is a judgement and stays with the reader. What is written is read again: the instructions must be the
//! intended ones and no new problem may be there.

use super::advice::Scene;
use super::lines::Blame;
use crate::dockerfile::DockerfileEvidence;
use facts::image::{Cause, WasteGroup};
use facts::{Entry, Kind, LayerFacts};
use model::TreePath;
use sources::dockerfile::{Body, Dockerfile, Form, Instruction, Item, Keyword};
use sources::shell::{Script, scripts};
use sources::{Edit, Span, apply};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Tools that fill their cache again when they need it.
const REFILLED: [&str; 12] =
    ["apt", "apk", "composer", "dnf", "npm", "pip", "poetry", "tdnf", "uv", "yarn", "yum", "zypper"];

/// A change to the Dockerfile that is sure to be safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The RUN with this number ends with one more command.
    Append {
        /// The number of the instruction.
        instruction: usize,
        /// The command.
        command: String,
    },
    /// The COPY gets a flag and the RUN goes.
    Flag {
        /// The COPY's number.
        copy: usize,
        /// The flag.
        flag: String,
        /// The RUN's number.
        run: usize,
    },
}

/// The safe change for a group, if there is one.
pub(super) fn mend(scene: &Scene<'_>, group: &WasteGroup) -> Option<Mend> {
    let file = scene.file?;
    let made = scene.blame(group.layer)?.instruction?;
    match group.cause {
        Cause::Cache => append(scene, file, group, made),
        Cause::Metadata => flag(scene, file, group, made),
        _ => None,
    }
}

fn append(scene: &Scene<'_>, file: &DockerfileEvidence<'_>, group: &WasteGroup, made: usize) -> Option<Mend> {
    let tool = group.tool.as_deref().filter(|tool| REFILLED.contains(tool))?;
    let (instruction, script) = plain_run(file, made)?;
    let last = script.commands.last()?;
    let ends = file.file.source(instruction.span).trim_end();
    let goes_on = ends.ends_with([';', '&', '|', '\\', '#']);
    let leaves = last.name() == "exit" || last.before.iter().any(|word| word.text == "exec");
    if goes_on || leaves || (tool == "apt" && needs_lists(file, script)) {
        return None;
    }
    if let Some(hider) = group.hidden_by {
        let hider = scene.blame(hider)?.instruction?;
        let removes = file.scripts.iter().filter(|s| s.instruction == hider).flat_map(|s| &s.commands);
        // Without `-f`, `rm` fails where nothing is left to remove.
        if removes.filter(|c| c.name() == "rm").any(|c| !c.has("-f") && !c.has("--force")) {
            return None;
        }
    }
    let folders: BTreeSet<String> = scene
        .facts
        .residues
        .iter()
        .filter(|r| r.layer == group.layer && r.hidden_by == group.hidden_by && r.tool == tool)
        .map(|r| r.path.as_str().map(|path| removal(tool, path)).filter(|path| is_plain(path)))
        .collect::<Option<_>>()?;
    let list: Vec<&str> = folders.iter().map(String::as_str).collect();
    (!list.is_empty()).then(|| Mend::Append { instruction: made, command: format!("rm -rf {}", list.join(" ")) })
}

/// What to remove so that the folder itself stays where the tool wants it.
fn removal(tool: &str, path: &str) -> String {
    let path = path.trim_start_matches('/');
    if tool == "apt" { format!("/{path}/*") } else { format!("/{path}") }
}

fn is_plain(path: &str) -> bool {
    path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'/' | b'-' | b'*'))
}

/// Whether a later RUN installs with the lists that this one fetched.
pub(crate) fn needs_lists(file: &DockerfileEvidence<'_>, made: &Script) -> bool {
    let later = file.scripts.iter().filter(|script| script.instruction > made.instruction);
    let does = |script: &Script, verb: &str| {
        let mut commands = script.commands.iter();
        commands.any(|c| ["apt", "apt-get", "aptitude"].iter().any(|apt| c.does(apt, verb)))
    };
    later.into_iter().any(|script| !does(script, "update") && (does(script, "install") || does(script, "upgrade")))
}

/// A RUN that is one plain text for a shell, on which more can be put.
pub(crate) fn plain_run<'e>(file: &'e DockerfileEvidence<'_>, number: usize) -> Option<(&'e Instruction, &'e Script)> {
    let instruction = file.file.instructions().nth(number)?;
    let shell = match &instruction.body {
        Body::Command(Form::Shell { broken_json: None, .. }) => instruction.kind == Keyword::Run,
        _ => false,
    };
    let mut own = file.scripts.iter().filter(|script| script.instruction == number);
    let script = own.next().filter(|s| !s.broken && !s.heredoc && !s.triggered && s.comments.is_empty())?;
    let is_whole = shell && own.next().is_none() && instruction.heredocs.is_empty() && file.file.escape() == '\\';
    is_whole.then_some((instruction, script))
}

/// `COPY tool /usr/bin/tool` and then `RUN chmod +x /usr/bin/tool`, or `COPY app /app` and then
/// `RUN chown -R app:app /app`, and nothing else in either.
fn flag(scene: &Scene<'_>, file: &DockerfileEvidence<'_>, group: &WasteGroup, made: usize) -> Option<Mend> {
    let changer = group.hidden_by?;
    let run = scene.blame(changer)?.instruction?;
    let (instruction, script) = plain_run(file, run)?;
    let copy = file.file.instructions().nth(made).filter(|i| i.kind == Keyword::Copy && i.heredocs.is_empty())?;
    let [command] = script.commands.as_slice() else { return None };
    let is_bare = instruction.flags.is_empty()
        && command.before.is_empty()
        && command.redirects.is_empty()
        && command.words.iter().all(|word| word.plain);
    let recursive = match command.options().map(|word| word.text.as_str()).collect::<Vec<_>>()[..] {
        [] => false,
        ["-R" | "--recursive"] => true,
        _ => return None,
    };
    let operands: Vec<&str> = command.operands().map(|word| word.text.as_str()).collect();
    let [what, target] = operands[..] else { return None };
    let target = target.strip_prefix('/')?.trim_end_matches('/');
    if !is_bare || target.is_empty() || !is_next(file, made, run) || copy.flag("chmod").is_some() {
        return None;
    }
    let (brought, changed) = (scene.layer(group.layer)?, scene.layer(changer)?);
    let changes = Changed { brought, changed, below: scene.layers.get(..group.layer as usize)?, target };
    let flag = match command.name() {
        "chmod" if !recursive => format!("--chmod={:o}", changes.mode_of_one()?),
        "chown" if copy.flag("chown").is_none() && is_plain_owner(what) && changes.owner_of_all()? => {
            format!("--chown={what}")
        }
        _ => return None,
    };
    Some(Mend::Flag { copy: made, flag, run })
}

/// User and group: without a group, COPY and `chown` mean different things.
fn is_plain_owner(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    text.split_once(':').is_some_and(|(user, group)| is_name(user) && is_name(group))
}

/// What a COPY brought and a RUN changed, held against each other entry by entry.
struct Changed<'s> {
    brought: &'s LayerFacts,
    changed: &'s LayerFacts,
    /// The layers below the COPY's.
    below: &'s [LayerFacts],
    /// The path that was changed, without `/` at either end.
    target: &'s str,
}

impl<'s> Changed<'s> {
    /// Whether a path is the target or lies below it.
    fn is_inside(&self, path: &TreePath) -> bool {
        let rest = path.as_bytes().strip_prefix(self.target.as_bytes());
        rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
    }

    /// What the RUN changed; `None` if it did anything outside of the target. Folders on the way there are in every
    /// archive.
    fn inside(&self) -> Option<Vec<&'s Entry>> {
        let is_on_the_way = |entry: &Entry| {
            let path = entry.path.as_bytes();
            let rest = self.target.as_bytes().strip_prefix(path);
            entry.kind == Kind::Directory && (path.is_empty() || rest.is_some_and(|rest| rest.first() == Some(&b'/')))
        };
        let (inside, outside): (Vec<&Entry>, Vec<&Entry>) =
            self.changed.entries.iter().partition(|entry| self.is_inside(&entry.path));
        outside.into_iter().all(is_on_the_way).then_some(inside)
    }

    /// The mode that the one file of the COPY got, if it got nothing else.
    fn mode_of_one(&self) -> Option<u32> {
        let [after] = self.inside()?[..] else { return None };
        let mut files = self.brought.entries.iter().filter(|entry| entry.kind != Kind::Directory);
        let (Some(before), None) = (files.next(), files.next()) else { return None };
        let same = is_same(before, after) && (before.uid, before.gid) == (after.uid, after.gid);
        (same && after.kind == Kind::File).then_some(after.mode)
    }

    /// Whether all that the COPY brought, and nothing else, got one owner and nothing else. A folder that was there
    /// before the COPY keeps its owner under `--chown`, so none may be among them.
    fn owner_of_all(&self) -> Option<bool> {
        let inside = self.inside()?;
        let owner = inside.first().map(|entry| (entry.uid, entry.gid))?;
        let by_path: HashMap<&TreePath, &Entry> = self.brought.entries.iter().map(|e| (&e.path, e)).collect();
        let below = self.below.iter().flat_map(|layer| &layer.entries);
        let there: HashSet<&TreePath> = below.filter(|e| e.kind == Kind::Directory).map(|e| &e.path).collect();
        let is_new = |entry: &Entry| entry.kind == Kind::File || !there.contains(&entry.path);
        let is_right = |after: &&Entry| {
            let before = by_path.get(&after.path);
            let plain = matches!(after.kind, Kind::File | Kind::Directory);
            plain
                && (after.uid, after.gid) == owner
                && before.is_some_and(|before| is_same(before, after) && before.mode == after.mode)
                && is_new(after)
        };
        let brought = self.brought.entries.iter().filter(|entry| is_new(entry)).count();
        Some(inside.iter().all(is_right) && inside.len() == brought)
    }
}

/// The same thing at the same path with the same content.
fn is_same(before: &Entry, after: &Entry) -> bool {
    before.path == after.path
        && before.kind == after.kind
        && before.sha256 == after.sha256
        && (before.sha256.is_some() || before.kind == Kind::Directory)
}

/// Whether nothing stands between the two that could matter to either, and no comment goes with the second.
fn is_next(file: &DockerfileEvidence<'_>, first: usize, second: usize) -> bool {
    let harmless = |kind| matches!(kind, Keyword::Label | Keyword::Expose | Keyword::Cmd | Keyword::Entrypoint);
    let mut between = file.file.instructions().skip(first + 1).take(second.saturating_sub(first + 1));
    let mut before = None;
    for item in file.file.items() {
        if matches!(item, Item::Instruction(one) if Some(&**one) == file.file.instructions().nth(second)) {
            break;
        }
        before = Some(item);
    }
    first < second && between.all(|i| harmless(i.kind)) && !matches!(before, Some(Item::Comment(_)))
}

/// Several removals as one, each path once: two groups of waste may lie in the same folder.
fn together(commands: &[&str]) -> Vec<String> {
    const REMOVE: &str = "rm -rf ";
    let (removals, others): (Vec<&str>, Vec<&str>) = commands.iter().partition(|command| command.starts_with(REMOVE));
    let mut paths: Vec<&str> = Vec::new();
    for path in removals.iter().flat_map(|command| command[REMOVE.len()..].split(' ')) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let removal = (!paths.is_empty()).then(|| format!("{REMOVE}{}", paths.join(" ")));
    removal.into_iter().chain(others.into_iter().map(str::to_owned)).collect()
}

/// The edits for these changes, those of one RUN together; `None` if what they make is not what was meant.
pub(super) fn edits(file: &Dockerfile, mends: &[&Mend]) -> Option<Vec<Edit>> {
    let all: Vec<&Instruction> = file.instructions().collect();
    let (mut appended, mut edits): (BTreeMap<usize, Vec<&str>>, Vec<Edit>) = Default::default();
    let mut removed = 0;
    for mend in mends {
        match mend {
            Mend::Append { instruction, command } => {
                let commands = appended.entry(*instruction).or_default();
                if !commands.contains(&command.as_str()) {
                    commands.push(command);
                }
            }
            Mend::Flag { copy, flag, run } => {
                edits.push(Edit::new(Span::at(all.get(*copy)?.keyword.span.end), format!(" {flag}")));
                edits.push(Edit::new(all.get(*run)?.whole, ""));
                removed += 1;
            }
        }
    }
    for (number, commands) in appended {
        let instruction = all.get(number)?;
        let source = file.source(instruction.span);
        let glue = match source.contains('\n') {
            true if source.contains("\r\n") => " \\\r\n    && ",
            true => " \\\n    && ",
            false => " && ",
        };
        let text: String = together(&commands).iter().map(|command| format!("{glue}{command}")).collect();
        edits.push(Edit::new(Span::at(instruction.span.end), text));
    }
    holds(file, &edits, all.len() - removed).then_some(edits)
}

/// Whether the edited text reads as well as the one before, with so many instructions.
fn holds(file: &Dockerfile, edits: &[Edit], instructions: usize) -> bool {
    let Ok(text) = apply(file.text(), edits) else { return false };
    let Ok(after) = Dockerfile::parse(&text) else { return false };
    let broken = |file: &Dockerfile| scripts(file).iter().filter(|script| script.broken).count();
    after.instructions().count() == instructions
        && after.problems().len() <= file.problems().len()
        && broken(&after) <= broken(file)
}

/// The change in words, for the line of the instruction that it changes.
pub(super) fn words(mend: &Mend, run: Option<&Blame>) -> String {
    match mend {
        Mend::Append { command, .. } => format!("end the RUN with `&& {command}`"),
        Mend::Flag { flag, .. } => {
            let line = run.and_then(|blame| blame.place.as_ref()).map(|place| format!(" of line {}", place.line));
            format!("write `COPY {flag}` and take out the RUN{}", line.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn one_removal_for_all_paths_of_a_run() {
        let of = |commands: &[&str]| together(commands).join(" && ");
        assert_eq!(of(&["rm -rf /a/* /b/*", "rm -rf /a/*"]), "rm -rf /a/* /b/*");
        assert_eq!(of(&["rm -rf /a", "rm -rf /b", "true"]), "rm -rf /a /b && true");
        assert_eq!(of(&["true"]), "true");
    }
}
