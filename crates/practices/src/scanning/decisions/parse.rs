//! The text of a file of decisions. Strict on purpose: a selector that is misspelt must not select more.

use super::{Decision, JUSTIFICATIONS, PackagePattern, STATUSES, Selector};
use crate::policy_toml::{
    Fault, PolicyError, PolicyProblem, Read, Value, array, document, glob, located, position, string, table, unknown,
    wrong_type,
};
use jiff::civil::Date;
use model::{Disposition, Purl};

const KEYS: [&str; 11] = [
    "vulnerability",
    "package",
    "path",
    "image",
    "status",
    "justification",
    "reason",
    "owner",
    "date",
    "until",
    "fixed-in",
];

pub(super) fn parse(text: &str) -> Result<Vec<Decision>, PolicyError> {
    read(text).map_err(|fault| located(text, fault))
}

fn read(text: &str) -> Read<Vec<Decision>> {
    let mut all = Vec::new();
    for (key, value) in document(text)?.get_ref() {
        match key.get_ref().as_ref() {
            "decision" => {
                for one in array(value)? {
                    all.push(decision(one, position(text, one.span().start).0)?);
                }
            }
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &["decision"])),
        }
    }
    Ok(all)
}

/// The fields as they come, before it is known whether all are there.
#[derive(Default)]
struct Fields {
    vulnerabilities: Option<Vec<String>>,
    package: Option<PackagePattern>,
    path: Option<globset::GlobMatcher>,
    image: Option<globset::GlobMatcher>,
    status: Option<Disposition>,
    justification: Option<&'static str>,
    reason: Option<String>,
    owner: Option<String>,
    date: Option<Date>,
    until: Option<Date>,
    until_at: Option<std::ops::Range<usize>>,
    fixed_in: Option<String>,
}

fn decision(value: &Value<'_>, line: u32) -> Read<Decision> {
    let mut fields = Fields::default();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "vulnerability" => fields.vulnerabilities = Some(vulnerabilities(value)?),
            "package" => fields.package = Some(package(value)?),
            "path" => fields.path = Some(glob(value)?),
            "image" => fields.image = Some(glob(value)?),
            "status" => fields.status = Some(status(value)?),
            "justification" => fields.justification = Some(justification(value)?),
            "reason" => fields.reason = Some(words(value, "reason")?),
            "owner" => fields.owner = Some(words(value, "owner")?),
            "date" => fields.date = Some(day(value)?),
            "until" => (fields.until, fields.until_at) = (Some(day(value)?), Some(value.span())),
            "fixed-in" => fields.fixed_in = Some(words(value, "fixed-in")?),
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &KEYS)),
        }
    }
    whole(fields, value, line)
}

/// All that must be there, and what must agree.
fn whole(fields: Fields, value: &Value<'_>, line: u32) -> Read<Decision> {
    let fault = |problem, hint: &str| Fault { at: value.span(), problem, hint: Some(hint.to_owned()) };
    let missing = |key: &'static str, hint: &str| fault(PolicyProblem::Missing(key), hint);
    let wrong = |text: &str, hint: &str| fault(PolicyProblem::Decision(text.to_owned()), hint);
    let selector = Selector {
        vulnerabilities: fields
            .vulnerabilities
            .ok_or_else(|| missing("vulnerability", "name what is decided about: `vulnerability = \"CVE-…\"`"))?,
        package: fields.package,
        path: fields.path,
        image: fields.image,
    };
    let statuses = STATUSES.map(Disposition::word).join(", ");
    let status = fields.status.ok_or_else(|| missing("status", &format!("possible are {statuses}")))?;
    let affected = status != Disposition::NotAffected;
    if affected && fields.justification.is_some() {
        return Err(wrong("a justification goes with `not_affected` alone", "say it in the reason"));
    }
    if !affected && fields.justification.is_none() {
        return Err(missing("justification", &format!("possible are {}", JUSTIFICATIONS.join(", "))));
    }
    let decision = Decision {
        selector,
        status,
        justification: fields.justification,
        reason: fields.reason.ok_or_else(|| missing("reason", "say why, for whoever reads it next year"))?,
        owner: fields.owner.ok_or_else(|| missing("owner", "name who answers for it"))?,
        date: fields.date.ok_or_else(|| missing("date", "the day it was made, such as `date = 2026-11-27`"))?,
        until: fields.until,
        until_at: fields.until_at,
        fixed_in: fields.fixed_in,
        line,
    };
    if decision.until.is_none() && decision.fixed_in.is_none() {
        let hint = "write when it ends: `until = 2027-02-01` or `fixed-in = \"1.2.3\"`";
        return Err(wrong("an end is missing", hint));
    }
    if decision.until.is_some_and(|until| until < decision.date) {
        return Err(wrong("it ends before it was made", "`until` is the last day on which it holds"));
    }
    Ok(decision)
}

fn vulnerabilities(value: &Value<'_>) -> Read<Vec<String>> {
    if value.get_ref().as_str().is_some() {
        return Ok(vec![words(value, "vulnerability")?]);
    }
    let all = array(value).map_err(|_| wrong_type(value, "a name or an array of names"))?;
    if all.is_empty() {
        return Err(Fault { at: value.span(), problem: PolicyProblem::Empty("vulnerability"), hint: None });
    }
    all.iter().map(|one| words(one, "vulnerability")).collect()
}

fn package(value: &Value<'_>) -> Read<PackagePattern> {
    let text = words(value, "package")?;
    if !text.starts_with("pkg:") {
        return Ok(PackagePattern::Name(text));
    }
    let parsed: Result<Purl, _> = text.parse();
    parsed.map(|purl| PackagePattern::Purl(Box::new(purl.parts()))).map_err(|error| {
        let problem = PolicyProblem::Decision(format!("not a package URL: {error}"));
        Fault { at: value.span(), problem, hint: None }
    })
}

fn status(value: &Value<'_>) -> Read<Disposition> {
    let text = string(value)?;
    let found = STATUSES.into_iter().find(|status| status.word() == text);
    found.ok_or_else(|| {
        let unknown = |typed| PolicyProblem::Decision(format!("unknown status `{typed}`"));
        let mut fault = self::unknown(value.span(), text, unknown, &STATUSES.map(Disposition::word));
        if text == "affected" {
            fault.hint = Some("what is affected and carried all the same is `accepted`".to_owned());
        }
        fault
    })
}

fn justification(value: &Value<'_>) -> Read<&'static str> {
    let text = string(value)?;
    let unknown = |typed| PolicyProblem::Decision(format!("unknown justification `{typed}`"));
    let found = JUSTIFICATIONS.into_iter().find(|word| *word == text);
    found.ok_or_else(|| self::unknown(value.span(), text, unknown, &JUSTIFICATIONS))
}

/// A text that says something.
fn words(value: &Value<'_>, key: &'static str) -> Read<String> {
    let text = string(value)?.trim();
    if text.is_empty() {
        return Err(Fault { at: value.span(), problem: PolicyProblem::Empty(key), hint: None });
    }
    Ok(text.to_owned())
}

/// A day, as TOML's own date or as a string.
fn day(value: &Value<'_>) -> Read<Date> {
    let text = match value.get_ref().as_datetime() {
        Some(day) if day.time.is_none() => day.to_string(),
        Some(_) => return Err(wrong_type(value, "a day such as `2027-02-01`, without a time")),
        None => string(value).map_err(|_| wrong_type(value, "a day such as `2027-02-01`"))?.to_owned(),
    };
    let shaped = text.len() == 10;
    text.parse().ok().filter(|_| shaped).ok_or_else(|| wrong_type(value, "a day such as `2027-02-01`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "[[decision]]\nvulnerability = \"CVE-1\"\nstatus = \"accepted\"\nreason = \"r\"\nowner = \"o\"\n\
                         date = 2026-11-27\nuntil = 2027-02-01\n";

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(all) => all.iter().map(|d| format!("{} {}", d.line, d.ends())).collect::<Vec<_>>().join("; "),
            Err(e) => format!("{e}{}", e.hint.as_ref().map(|h| format!(" ({h})")).unwrap_or_default()),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_decisions() {
        check("", "");
        check(
            &format!("# why\n{WHOLE}fixed-in = \"2\"\n{WHOLE}"),
            "2 until 2027-02-01 or until version 2; 10 until 2027-02-01",
        );
        check(&WHOLE.replace("2027-02-01", "\"2027-02-01\""), "1 until 2027-02-01");
    }

    #[test]
    fn each_field_must_be_there() {
        for (line, key) in [
            ("vulnerability", "vulnerability"),
            ("status", "status"),
            ("reason", "reason"),
            ("owner", "owner"),
            ("date", "date"),
        ] {
            let text: String = WHOLE.lines().filter(|l| !l.starts_with(line)).map(|l| format!("{l}\n")).collect();
            let error = parse(&text).unwrap_err();
            assert_eq!((error.line, error.to_string().contains(&format!("`{key}` is missing"))), (1, true), "{error}");
            assert!(error.hint.is_some());
        }
        let text = WHOLE.replace("until = 2027-02-01\n", "");
        check(
            &text,
            "line 1, column 1: an end is missing (write when it ends: `until = 2027-02-01` or `fixed-in = \"1.2.3\"`)",
        );
        check(
            &WHOLE.replace("accepted", "not_affected"),
            &format!("line 1, column 1: `justification` is missing (possible are {})", JUSTIFICATIONS.join(", ")),
        );
    }

    #[test]
    fn what_says_nothing_or_makes_no_sense() {
        check(&WHOLE.replace("\"r\"", "\"  \""), "line 4, column 10: `reason` is empty");
        check(&WHOLE.replace("\"o\"", "\"\""), "line 5, column 9: `owner` is empty");
        check(
            &WHOLE.replace("accepted", "affected"),
            "line 3, column 10: unknown status `affected` (what is affected and carried all the same is `accepted`)",
        );
        check(&WHOLE.replace("owner", "ownr"), "line 5, column 1: unknown key `ownr` (did you mean `owner`?)");
        check(
            &WHOLE.replace("2027-02-01", "2020-02-01"),
            "line 1, column 1: it ends before it was made (`until` is the last day on which it holds)",
        );
        check(
            &WHOLE.replace("2027-02-01", "\"soon\""),
            "line 7, column 9: expected a day such as `2027-02-01`, found string",
        );
        check(&WHOLE.replace("\"CVE-1\"", "[]"), "line 2, column 17: `vulnerability` is empty");
        check(
            &format!("{WHOLE}package = \"pkg:\""),
            "line 8, column 11: not a package URL: the package URL has no valid type",
        );
        check(
            &format!("{WHOLE}justification = \"component_not_present\""),
            "line 1, column 1: a justification goes with `not_affected` alone (say it in the reason)",
        );
        check("[[decisions]]", "line 1, column 3: unknown key `decisions` (did you mean `decision`?)");
    }
}
