//! How bad a vulnerability is, and who says so.
//!
//! In this order: the word of the distribution whose package it is; the score of the newest CVSS version that any
//! statement gives, the highest of that version; a database's word; else it is unknown, which is not the same as low.

use crate::statement::Statement;
use model::Severity;

/// How bad, and by whose word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rating {
    /// `None`: nobody says.
    pub severity: Option<Severity>,
    /// The CVSS score it comes from.
    pub score: Option<f64>,
    /// What says so: `Ubuntu's priority low`, `CVSS 3.1 of GHSA-…`.
    pub by: String,
}

/// A distribution's or a database's word as a severity.
pub fn word(text: &str) -> Option<Severity> {
    Some(match text.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "negligible" | "unimportant" | "none" => Severity::Info,
        _ => return None,
    })
}

/// A CVSS score as a severity, by the table of CVSS 3 and 4.
pub fn scored(score: f64) -> Severity {
    match score {
        s if s >= 9.0 => Severity::Critical,
        s if s >= 7.0 => Severity::High,
        s if s >= 4.0 => Severity::Medium,
        s if s > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// Rates by the distribution's own words first, then by what any of the statements says.
pub fn rate(own: &[(&str, &str)], statements: &[Statement<'_>]) -> Rating {
    let worst = own.iter().filter_map(|(who, text)| Some((word(text)?, who, text))).max();
    if let Some((severity, who, text)) = worst {
        return Rating { severity: Some(severity), score: None, by: format!("{who}: {text}") };
    }
    let vectors = statements.iter().flat_map(|s| s.severities.iter().map(move |(scheme, score)| (s, *scheme, *score)));
    let mut best: Option<(&str, f64, &str)> = None;
    for (statement, scheme, vector) in vectors.clone().filter(|(_, scheme, _)| scheme.starts_with("CVSS")) {
        if let Ok(score) = documents::osv::score(vector)
            && best.is_none_or(|(version, most, _)| (score.version, score.score) > (version, most))
        {
            best = Some((score.version, score.score, statement.id));
        }
        let _ = scheme;
    }
    if let Some((version, score, id)) = best {
        return Rating { severity: Some(scored(score)), score: Some(score), by: format!("CVSS {version} of {id}") };
    }
    let words = vectors.filter(|(_, scheme, _)| !scheme.starts_with("CVSS"));
    let worst = words.filter_map(|(statement, _, text)| Some((word(text)?, statement.id, text))).max();
    worst.map_or_else(Rating::default, |(severity, id, text)| Rating {
        severity: Some(severity),
        score: None,
        by: format!("{id}: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement<'s>(id: &'s str, severities: Vec<(&'s str, &'s str)>) -> Statement<'s> {
        Statement {
            source: "osv",
            id,
            modified: 0,
            published: 0,
            withdrawn: false,
            summary: "",
            aliases: Vec::new(),
            upstream: Vec::new(),
            severities,
        }
    }

    #[test]
    fn who_is_heard_first() {
        let nine = ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        let old = ("CVSS_V2", "(AV:N/AC:L/Au:N/C:C/I:C/A:C)");
        let all = [statement("GHSA-1", vec![("word", "LOW"), old]), statement("CVE-1", vec![nine])];
        let rating = rate(&[], &all);
        assert_eq!(
            (rating.severity, rating.score, rating.by.as_str()),
            (Some(Severity::Critical), Some(9.8), "CVSS 3.1 of CVE-1")
        );
        let rating = rate(&[("Debian", "unimportant"), ("Ubuntu", "untriaged")], &all);
        assert_eq!((rating.severity, rating.by.as_str()), (Some(Severity::Info), "Debian: unimportant"));
        assert_eq!(rate(&[], &[statement("A", vec![("word", "HIGH")])]).severity, Some(Severity::High));
        assert_eq!(rate(&[("x", "not yet assigned")], &[statement("A", vec![("CVSS_V3", "junk")])]), Rating::default());
        assert_eq!([0.0, 0.1, 4.0, 6.9, 7.0, 9.0].map(scored)[..3], [Severity::Info, Severity::Low, Severity::Medium]);
    }
}
