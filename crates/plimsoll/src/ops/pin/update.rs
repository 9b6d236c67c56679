//! `pin --update`: to what the tag names now, or to a newer version; only where what is used changed.

use super::version::{Allow, newer};
use super::{Answers, Decision, Fate, Job, Known, Questions, Source, action, left_alone, tagged, with};
use model::{Platform, Reference};
use sources::Mention;
use std::collections::BTreeMap;

/// What to do with each mention.
pub(super) fn fates(texts: &[Source], job: &Job<'_>, allow: Option<Allow>) -> Vec<Vec<Decision>> {
    let wanted = targets(texts, job, allow);
    // By the platform in use: what that gets decides whether there is anything to change.
    let mut questions: BTreeMap<Platform, Questions> = BTreeMap::new();
    for mention in texts.iter().flat_map(|t| &t.mentions).filter(|m| left_alone(m).is_none()) {
        let Some(reference) = mention.reference() else { continue };
        let asked = questions.entry(platform(mention, job)).or_default();
        if let Ok(target) = wanted.of(reference) {
            asked.add(&target);
        }
        if let Some(digest) = reference.digest() {
            asked.add(&with(reference, &format!("@{digest}")));
        }
    }
    let answers: BTreeMap<Platform, Answers> = questions
        .into_iter()
        .map(|(p, q)| {
            let a = q.ask(job.oracle, Some(&p), false);
            (p, a)
        })
        .collect();
    let decide = |mention: &Mention| {
        if let Some(left) = left_alone(mention) {
            return Decision::without_edit(left);
        }
        let Some(reference) = mention.reference() else { return action(mention, job) };
        match answers.get(&platform(mention, job)) {
            Some(answers) => one(mention, reference, &wanted, answers, job),
            None => Decision::without_edit(Fate::Failed("it was not asked for".to_owned())),
        }
    };
    texts.iter().map(|text| text.mentions.iter().map(decide).collect()).collect()
}

fn platform(mention: &Mention, job: &Job<'_>) -> Platform {
    job.platform.clone().or_else(|| mention.platform.clone()).unwrap_or_else(|| job.in_use.clone())
}

fn one(mention: &Mention, reference: &Reference, wanted: &Targets, answers: &Answers, job: &Job<'_>) -> Decision {
    if reference.tag().is_none() && reference.digest().is_some() {
        return Decision::without_edit(Fate::Left("a digest alone: there is no tag to follow".to_owned()));
    }
    let target = match wanted.of(reference) {
        Ok(target) => target,
        Err(why) => return Decision::without_edit(Fate::Failed(why)),
    };
    let known = match answers.get(&target) {
        Ok(known) => known,
        Err(trouble) => return Decision::without_edit(Fate::Failed(trouble.why().to_owned())),
    };
    changed(mention, reference, &target, known, answers, job).said_by(known)
}

/// What the answer about the tag to go to changes.
fn changed(
    mention: &Mention,
    reference: &Reference,
    target: &Reference,
    known: &Known,
    answers: &Answers,
    job: &Job<'_>,
) -> Decision {
    let digest = job.digest(known);
    let Some(old) = reference.digest() else { return Decision::pinned(mention, &digest) };
    let other = target.tag().filter(|tag| Some(*tag) != reference.tag());
    if other.is_none() && digest == *old {
        return Decision::without_edit(Fate::Kept);
    }
    if let Some(tag) = other {
        return match mention.retag(tag, &digest) {
            Some(edits) => Decision { fate: Fate::Updated { tag: tag.to_owned(), digest }, edits, mirror: None },
            None => {
                let why = format!("`{tag}` is newer, and the tag here does not stand in one place");
                Decision::without_edit(Fate::Left(why))
            }
        };
    }
    let before = answers.get(&with(reference, &format!("@{old}"))).ok().and_then(|known| known.chosen);
    if before.is_some() && before == known.chosen {
        let why = format!("moved to {digest}, the same for {}", platform(mention, job));
        return Decision::without_edit(Fate::Moved(why));
    }
    Decision::pinned(mention, &digest)
}

/// The tag that each reference is to be brought to.
struct Targets(BTreeMap<String, Result<Reference, String>>);

impl Targets {
    fn of(&self, reference: &Reference) -> Result<Reference, String> {
        let tagged = tagged(reference);
        self.0.get(tagged.as_typed()).cloned().unwrap_or_else(|| Ok(tagged.into_owned()))
    }
}

/// A newer version for every tag that has one; without leave to go to another tag, nothing is asked.
fn targets(texts: &[Source], job: &Job<'_>, allow: Option<Allow>) -> Targets {
    let Some(allow) = allow else { return Targets(BTreeMap::new()) };
    let mut tags: BTreeMap<String, Result<Vec<String>, String>> = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for mention in texts.iter().flat_map(|t| &t.mentions).filter(|m| left_alone(m).is_none()) {
        let Some(reference) = mention.reference() else { continue };
        let Some(tag) = reference.tag() else { continue };
        let known = tags.entry(reference.name()).or_insert_with(|| job.oracle.tags(reference));
        let target = match known {
            Ok(tags) => newer(tag, tags, allow).map(|tag| Ok(with(reference, &format!(":{tag}")))),
            Err(why) => Some(Err(why.clone())),
        };
        if let Some(target) = target {
            targets.insert(tagged(reference).as_typed().to_owned(), target);
        }
    }
    Targets(targets)
}
