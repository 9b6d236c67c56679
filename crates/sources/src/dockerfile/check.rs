//! What BuildKit rejects in one instruction after its parser took it, in the order in which it looks.

use super::heredoc;
use super::keyword::Keyword;
use super::tree::{Body, Form, Instruction, Item, Problem};
use crate::span::Span;

/// The first thing that is wrong with an instruction. Those inside ONBUILD are looked at when they trigger, elsewhere.
pub(super) fn problem(instruction: &Instruction, inside: bool) -> Option<Problem> {
    if inside {
        return None;
    }
    let kind = instruction.kind;
    if kind == Keyword::Unknown {
        return Some(unknown(instruction));
    }
    match kind {
        Keyword::From => stage_name(instruction).or_else(|| flags(instruction)),
        Keyword::Add | Keyword::Copy => {
            few_words(instruction).or_else(|| flags(instruction)).or_else(|| heredoc_target(instruction))
        }
        Keyword::Healthcheck => health(instruction),
        Keyword::Arg | Keyword::StopSignal => empty(instruction),
        _ => empty(instruction).or_else(|| flags(instruction)).or_else(|| body(instruction)),
    }
    .or_else(|| body_of_arg(instruction))
}

fn wrong(span: Span, message: impl Into<String>, hint: &str) -> Problem {
    Problem { span, message: message.into(), hint: (!hint.is_empty()).then(|| hint.to_owned()) }
}

fn unknown(instruction: &Instruction) -> Problem {
    let word = &instruction.keyword;
    let shown = model::escaped(&word.text);
    let hint = Keyword::nearest(&word.text).map_or(String::new(), |near| format!("did you mean `{near}`?"));
    wrong(word.span, format!("unknown instruction `{shown}`"), &hint)
}

/// Instructions that take nothing else than something.
fn empty(instruction: &Instruction) -> Option<Problem> {
    let may = matches!(instruction.kind, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint);
    let word = instruction.kind.word();
    let json = matches!(&instruction.body, Body::Command(Form::Json(words)) if words.is_empty())
        || matches!(&instruction.body, Body::Words(words) if words.is_empty());
    let nothing = instruction.rest.text.is_empty() || json;
    (nothing && !may).then(|| wrong(instruction.span, format!("{word} needs an argument"), ""))
}

fn few_words(instruction: &Instruction) -> Option<Problem> {
    let Body::Files(files) = &instruction.body else { return None };
    let word = instruction.kind.word();
    let message = format!("{word} needs a source and a destination");
    files.target.is_none().then(|| wrong(instruction.span, message, &format!("`{word} SOURCE… DESTINATION`")))
}

fn heredoc_target(instruction: &Instruction) -> Option<Problem> {
    let Body::Files(files) = &instruction.body else { return None };
    let target = files.target.as_ref().filter(|target| heredoc::is_mark(&target.text))?;
    Some(wrong(target.span, "a heredoc cannot be the destination", "put the destination last"))
}

fn stage_name(instruction: &Instruction) -> Option<Problem> {
    let Body::From(from) = &instruction.body else { return None };
    let name = from.name.as_ref()?;
    let lower = name.text.to_lowercase();
    let valid = lower.starts_with(|c: char| c.is_ascii_lowercase())
        && lower.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    let message = format!("`{}` is no name for a stage", model::escaped(&name.text));
    (!valid).then(|| wrong(name.span, message, "a letter first, then letters, digits, `-`, `_` or `.`"))
}

fn body_of_arg(instruction: &Instruction) -> Option<Problem> {
    let (name, pairs) = match &instruction.body {
        Body::Args(pairs) => ("ARG", pairs),
        Body::Pairs(pairs) => (instruction.kind.word(), &pairs.pairs),
        _ => return None,
    };
    let blank = pairs.iter().find(|pair| pair.key.text.is_empty())?;
    Some(wrong(blank.span, format!("{name} has a name that is blank"), "write a name before `=`"))
}

fn body(instruction: &Instruction) -> Option<Problem> {
    match &instruction.body {
        Body::Command(form) if instruction.kind == Keyword::Shell && form.json().is_none() => {
            Some(wrong(instruction.rest.span, "SHELL takes a JSON list", "`SHELL [\"/bin/bash\", \"-c\"]`"))
        }
        Body::Onbuild(inner) => {
            let inner = inner.as_ref()?;
            let never = matches!(inner.kind, Keyword::Onbuild | Keyword::From | Keyword::Maintainer);
            let message = format!("{} is not allowed after ONBUILD", inner.kind.word());
            never.then(|| wrong(inner.keyword.span, message, ""))
        }
        Body::Words(words) if instruction.kind == Keyword::Volume => {
            let blank = words.iter().find(|word| word.text.trim().is_empty())?;
            Some(wrong(blank.span, "VOLUME has a name that is blank", ""))
        }
        Body::Command(_) if instruction.kind == Keyword::Run => mounts(instruction),
        _ => None,
    }
}

fn mounts(instruction: &Instruction) -> Option<Problem> {
    instruction.flags.iter().filter(|flag| flag.name.text == "mount").find_map(|flag| {
        let Some(mount) = &flag.mount else {
            return Some(wrong(
                flag.span,
                "the mount's commas and quotes do not read as CSV",
                "`--mount=type=cache,target=/path`",
            ));
        };
        let from = mount.fields.iter().filter(|f| f.key.text == "from").filter_map(|f| f.value.as_ref());
        let mut variable = from.filter(|v| v.text.find('$').is_some_and(|at| at + 1 < v.text.len()));
        variable
            .next()
            .map(|v| wrong(v.span, "a mount's `from` takes no variable", "name a stage: `FROM image AS name`"))
    })
}

/// The flags of each instruction: `b` is true or false, `s` one text, `m` several.
fn known_flags(kind: Keyword) -> &'static [(&'static str, char)] {
    match kind {
        Keyword::From => &[("platform", 's')],
        Keyword::Run => &[("mount", 'm'), ("network", 's'), ("security", 's'), ("device", 'm')],
        Keyword::Copy => {
            &[("chown", 's'), ("from", 's'), ("chmod", 's'), ("link", 'b'), ("parents", 'b'), ("exclude", 'm')]
        }
        Keyword::Add => &[
            ("chown", 's'),
            ("chmod", 's'),
            ("link", 'b'),
            ("keep-git-dir", 'b'),
            ("checksum", 's'),
            ("unpack", 'b'),
            ("exclude", 'm'),
        ],
        Keyword::Healthcheck => {
            &[("interval", 's'), ("timeout", 's'), ("start-period", 's'), ("start-interval", 's'), ("retries", 's')]
        }
        _ => &[],
    }
}

fn flags(instruction: &Instruction) -> Option<Problem> {
    let known = known_flags(instruction.kind);
    let mut seen: Vec<&str> = Vec::new();
    instruction.flags.iter().find_map(|flag| {
        let name = flag.name.text.as_str();
        let shown = model::escaped(name);
        let Some((_, kind)) = known.iter().find(|(known, _)| *known == name) else {
            let near = known.iter().map(|(known, _)| (super::keyword::distance(known, name), known)).min();
            let near = near.filter(|(far, _)| *far <= 2).map(|(_, known)| format!("did you mean `--{known}`?"));
            let word = instruction.kind.word();
            return Some(wrong(flag.span, format!("{word} has no flag `--{shown}`"), &near.unwrap_or_default()));
        };
        if seen.contains(&name) && *kind != 'm' {
            return Some(wrong(flag.span, format!("`--{shown}` is given twice"), ""));
        }
        seen.push(name);
        let value = flag.value.as_ref().map(|value| value.text.to_lowercase());
        match (kind, value.as_deref()) {
            ('s', Some(value)) => {
                mode(name, value).map(|usage| wrong(flag.span, format!("`--{shown}` cannot be this"), usage))
            }
            ('b', None | Some("true" | "false")) => None,
            ('b', _) => Some(wrong(flag.span, format!("`--{shown}` is `true` or `false`"), "")),
            (_, None) => Some(wrong(flag.span, format!("`--{shown}` needs a value"), "")),
            _ => None,
        }
    })
}

/// How to use a flag that takes one of a few words, if this is none of them.
fn mode(flag: &str, value: &str) -> Option<&'static str> {
    let (words, usage): (&[&str], _) = match flag {
        "network" => (&["default", "none", "host"], "`default`, `none` or `host`"),
        "security" => (&["sandbox", "insecure"], "`sandbox` or `insecure`"),
        _ => return None,
    };
    (!words.contains(&value)).then_some(usage)
}

fn health(instruction: &Instruction) -> Option<Problem> {
    let Body::Health(kind, form) = &instruction.body else { return None };
    let Some(kind) = kind else { return Some(wrong(instruction.span, "HEALTHCHECK needs an argument", "")) };
    let usage = "`HEALTHCHECK [--interval=…] CMD command`, or `HEALTHCHECK NONE`";
    if kind.text.eq_ignore_ascii_case("none") {
        let more = *form != Form::Empty && form.json().is_none_or(|words| !words.is_empty());
        return more.then(|| wrong(instruction.rest.span, "HEALTHCHECK NONE takes no arguments", ""));
    }
    flags(instruction).or_else(|| {
        if !kind.text.eq_ignore_ascii_case("cmd") {
            return Some(wrong(kind.span, format!("HEALTHCHECK cannot be `{}`", model::escaped(&kind.text)), usage));
        }
        let nothing = *form == Form::Empty || form.json().is_some_and(<[_]>::is_empty);
        nothing.then(|| wrong(kind.span, "HEALTHCHECK CMD has no command", usage)).or_else(|| times(instruction))
    })
}

fn times(instruction: &Instruction) -> Option<Problem> {
    instruction.flags.iter().find_map(|flag| {
        let value = flag.value.as_ref().filter(|value| !value.text.is_empty())?;
        let right = match flag.name.text.as_str() {
            "retries" => value.text.parse::<i32>().is_ok_and(|count| count >= 0),
            _ => is_duration(&value.text),
        };
        let hint =
            if flag.name.text == "retries" { "a number from 0 on" } else { "such as `30s` or `1m30s`, at least 1ms" };
        (!right)
            .then(|| wrong(value.span, format!("`{}` is no value for this flag", model::escaped(&value.text)), hint))
    })
}

/// A duration of Go's that is 0 or at least a millisecond.
fn is_duration(text: &str) -> bool {
    let (negative, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return true;
    }
    let (mut rest, mut total) = (rest, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (Ok(number), unit) = (rest[..digits].parse::<f64>(), &rest[digits..]) else { return false };
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let seconds = match &unit[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return false,
        };
        total += number * seconds;
        rest = &unit[end..];
    }
    !text.is_empty() && (total == 0.0 || (total >= 0.000_999_999 && !negative))
}

/// What is wrong with the order of instructions.
pub(super) fn order(items: &[Item]) -> Vec<Problem> {
    let instructions = items.iter().filter_map(|item| match item {
        Item::Instruction(instruction) => Some(instruction),
        _ => None,
    });
    let early = instructions.take_while(|i| i.kind != Keyword::From);
    let mut early = early.filter(|i| !matches!(i.kind, Keyword::Arg | Keyword::Unknown));
    let first = early.next().map(|instruction| {
        let message = format!("{} stands before the first FROM", instruction.kind.word());
        wrong(instruction.keyword.span, message, "only ARG, comments and directives may")
    });
    first.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for good in ["0", "30s", "1m30s", "1.5h", "1ms", "0s", "+2s", ".5s"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "30", "s", "1d", "-1s", "1us", "1s ", "1.2.3s", "."] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
