//! The tree against BuildKit itself: `testdata/dockerfile/buildkit.jsonl` holds what its parser (v0.30.0) makes of
//! real, odd and random files; see the README there.

use super::*;
use serde_json::{Value, json};

/// Arguments in one list, as BuildKit has them.
fn arguments(instruction: &Instruction) -> Vec<String> {
    let rest = || vec![instruction.rest.text.clone()];
    let all = |words: &[Word]| words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
    match &instruction.body {
        Body::Unknown => vec![String::new()],
        _ if instruction.rest.text.is_empty() => Vec::new(),
        Body::From(_) => {
            instruction.rest.text.split(words::is_blank).filter(|w| !w.is_empty()).map(str::to_owned).collect()
        }
        Body::Command(form) | Body::Health(None, form) => command(form),
        Body::Files(files) => {
            all(&files.sources).into_iter().chain(files.target.iter().map(|t| t.text.clone())).collect()
        }
        Body::Pairs(pairs) => {
            let equals = if pairs.legacy { "" } else { "=" };
            let one = |p: &Pair| {
                [p.key.text.clone(), p.value.as_ref().map_or(String::new(), |v| v.text.clone()), equals.to_owned()]
            };
            pairs.pairs.iter().flat_map(one).collect()
        }
        Body::Args(pairs) => {
            let one = |p: &Pair| p.value.as_ref().map_or(p.key.text.clone(), |v| format!("{}={}", p.key.text, v.text));
            pairs.iter().map(one).collect()
        }
        Body::Words(list) => all(list),
        Body::Text => rest(),
        Body::Health(Some(kind), form) => [kind.text.clone()].into_iter().chain(command(form)).collect(),
        Body::Onbuild(Some(inner)) => {
            [inner.keyword.text.clone()].into_iter().chain(flags(inner)).chain(arguments(inner)).collect()
        }
        Body::Onbuild(None) => Vec::new(),
    }
}

fn command(form: &Form) -> Vec<String> {
    match form {
        Form::Empty => Vec::new(),
        Form::Json(words) => words.iter().map(|w| w.text.clone()).collect(),
        Form::Shell { text, .. } => vec![text.text.clone()],
    }
}

fn flags(instruction: &Instruction) -> Vec<String> {
    let one =
        |f: &Flag| f.value.as_ref().map_or(format!("--{}", f.name.text), |v| format!("--{}={}", f.name.text, v.text));
    instruction.flags.iter().map(one).collect()
}

fn is_json(instruction: &Instruction) -> bool {
    match &instruction.body {
        Body::Command(form) | Body::Health(_, form) => form.json().is_some(),
        Body::Files(files) => files.json,
        Body::Words(_) if instruction.kind == Keyword::Volume => {
            matches!(json::list(&instruction.rest.text), json::Json::Strings(_))
        }
        Body::Onbuild(Some(inner)) => is_json(inner),
        _ => false,
    }
}

fn node(file: &Dockerfile, instruction: &Instruction) -> Value {
    let heredocs: Vec<Value> = instruction
        .heredocs
        .iter()
        .map(|h| json!({"name": h.name, "expand": h.expand, "chomp": h.chomp, "fd": h.descriptor, "content": file.source(h.body)}))
        .collect();
    json!({
        "keyword": instruction.keyword.text, "flags": flags(instruction), "args": arguments(instruction),
        "json": is_json(instruction), "heredocs": heredocs,
        "start": file.lines().line(instruction.span.start), "end": file.lines().line(instruction.whole.end - 1),
    })
}

/// What differs, if anything.
fn difference(theirs: &Value) -> Option<String> {
    let text = theirs["text"].as_str().unwrap();
    let file = Dockerfile::parse(text).unwrap();
    let rejected = theirs["parseError"].is_string() || theirs["error"].is_string();
    if rejected == file.problems().is_empty() {
        let said = [&theirs["parseError"], &theirs["error"]].map(|e| e.as_str().unwrap_or_default()).concat();
        return Some(format!("they: `{said}`, we: {:?}", file.problems()));
    }
    if theirs["parseError"].is_string() {
        return None;
    }
    if let Some(line) = theirs["errorLine"].as_u64() {
        let instructions: Vec<_> = file.instructions().collect();
        let at = |p: &Problem| instructions.iter().rfind(|i| i.whole.start <= p.span.start);
        let lines: Vec<usize> =
            file.problems().iter().filter_map(at).map(|i| file.lines().line(i.span.start)).collect();
        if !lines.contains(&(line as usize)) {
            return Some(format!("they complain of line {line}: {}, we of {lines:?}", theirs["error"]));
        }
    }
    let ours: Vec<Value> = file.instructions().map(|i| node(&file, i)).collect();
    let nodes = theirs["nodes"].as_array().unwrap();
    // Go's parser takes the bytes of a flag for characters, so that `é` becomes `Ã©`; we do not.
    let spoilt = |node: &Value| node["flags"].to_string().contains('Ã');
    let pair = nodes.iter().zip(&ours).find(|(a, b)| a != b && !spoilt(a));
    match pair {
        Some((a, b)) => Some(format!("they: {a}\n  we:   {b}")),
        None => {
            (nodes.len() != ours.len()).then(|| format!("they have {} instructions, we {}", nodes.len(), ours.len()))
        }
    }
}

#[test]
fn the_tree_is_what_buildkit_reads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/dockerfile/buildkit.jsonl");
    let all = std::fs::read_to_string(path).unwrap();
    let documents: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(documents.len() > 300, "the files are here");
    let wrong = documents.iter().filter_map(|d| Some(format!("{}: {:?}\n  {}", d["file"], d["text"], difference(d)?)));
    let wrong: Vec<String> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} of {} files differ\n{}",
        wrong.len(),
        documents.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}
