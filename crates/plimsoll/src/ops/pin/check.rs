//! `pin --check`: is everything pinned, and is what is pinned still there, whole, and what its tag says?

use super::{Decision, Fate, Job, Known, Questions, Source, Trouble, is_commit};
use crate::ops::Agreement;
use sources::Mention;

/// What holds of each mention. Nothing is edited.
pub(super) fn fates(texts: &[Source], job: &Job<'_>) -> Vec<Vec<Decision>> {
    let mut questions = Questions::default();
    if !job.offline {
        let mentions = texts.iter().flat_map(|t| &t.mentions).filter(|m| nothing_to_pin(m).is_none());
        for reference in mentions.filter_map(Mention::reference).filter(|r| r.digest().is_some()) {
            questions.add(reference);
        }
    }
    let answers = questions.ask(job.oracle, job.platform.as_ref(), true);
    let fate = |mention: &Mention| {
        if let Some(left) = nothing_to_pin(mention) {
            return left;
        }
        match (mention.reference(), mention.action()) {
            (None, None) => unknown(mention),
            (Some(reference), _) if reference.digest().is_none() => Fate::Unpinned,
            (Some(_), _) if job.offline => Fate::Kept,
            (Some(reference), _) => match answers.get(reference) {
                Err(Trouble::Absent(why)) => Fate::Broken(why),
                Err(Trouble::Failed(why)) => Fate::Failed(why),
                Ok(known) if !known.broken.is_empty() => Fate::Broken(known.broken.join("; ")),
                Ok(known) if !known.unseen.is_empty() => Fate::Unsure(known.unseen.join("; ")),
                Ok(known) => agreement(known),
            },
            (None, Some(action)) if is_commit(&action.version) => Fate::Kept,
            (None, Some(_)) => Fate::Unpinned,
        }
    };
    let decide = |mention: &Mention| {
        let decision = Decision::without_edit(fate(mention));
        match mention.reference().map(|reference| answers.get(reference)) {
            Some(Ok(known)) => decision.said_by(known),
            _ => decision,
        }
    };
    texts.iter().map(|text| text.mentions.iter().map(decide).collect()).collect()
}

/// Why a mention breaks nothing: it names no image that could have a digest.
fn nothing_to_pin(mention: &Mention) -> Option<Fate> {
    mention.obstacle.as_ref().filter(|o| o.is_by_nature()).map(|why| Fate::Left(why.to_string()))
}

/// What the text alone does not tell may be pinned or not: a check must not pass it.
fn unknown(mention: &Mention) -> Fate {
    let why =
        mention.obstacle.as_ref().map_or_else(|| "it names nothing that is known".to_owned(), ToString::to_string);
    Fate::Unsure(format!("whether it is pinned cannot be told: {why}"))
}

/// A tag that moved on is told, and is no fault: that is what a pin is for. But only the ledger can tell a tag that
/// moved on from one that never named the digest, which a reader of the file takes it to do.
fn agreement(known: &Known) -> Fate {
    let now = match &known.agreement {
        Some(Agreement::Moved(now)) => format!("the tag names {now} now"),
        Some(Agreement::Gone) => "the tag is gone, the digest still there".to_owned(),
        Some(Agreement::Part { index, platform }) => {
            let whose = platform.as_ref().map_or_else(|| "one platform".to_owned(), ToString::to_string);
            return Fate::Narrow(format!("pinned for {whose} alone; the tag names the index {index}"));
        }
        Some(Agreement::Same) | None => return Fate::Kept,
    };
    match known.once {
        true => Fate::Moved(format!("{now}; the ledger saw that it named this digest")),
        false => Fate::Unsure(format!("{now}; whether it ever named this digest is not known")),
    }
}
