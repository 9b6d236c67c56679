//! `pin --check`: is everything pinned, and is what is pinned still there, whole, and what its tag says?

use super::{Decision, Fate, Job, Known, Questions, Source, Trouble, is_commit, left_alone};
use crate::ops::Agreement;
use sources::Mention;

/// What holds of each mention. Nothing is edited.
pub(super) fn fates(texts: &[Source], job: &Job<'_>) -> Vec<Vec<Decision>> {
    let mut questions = Questions::default();
    if !job.offline {
        let mentions = texts.iter().flat_map(|t| &t.mentions).filter(|m| left_alone(m).is_none());
        for reference in mentions.filter_map(Mention::reference).filter(|r| r.digest().is_some()) {
            questions.add(reference);
        }
    }
    let answers = questions.ask(job.oracle, job.platform.as_ref(), true);
    let fate = |mention: &Mention| {
        if let Some(left) = left_alone(mention) {
            return left;
        }
        match (mention.reference(), mention.action()) {
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
            (None, Some(_)) => Fate::Left("an action that is not pinned by its commit".to_owned()),
            (None, None) => Fate::Left("it names nothing that is known".to_owned()),
        }
    };
    texts.iter().map(|t| t.mentions.iter().map(|m| Decision::without_edit(fate(m))).collect()).collect()
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
