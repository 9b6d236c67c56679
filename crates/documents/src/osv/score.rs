//! CVSS vectors of versions 2, 3.0, 3.1 and 4.0 to their scores.

use std::str::FromStr;

/// A scored vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// 0 to 10, one digit behind the point.
    pub score: f64,
}

/// A vector that none of the versions reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no CVSS vector of version 2, 3 or 4")]
pub struct ScoreError;

/// The metrics that each version demands of a vector (<https://www.first.org/cvss/v4.0/specification-document>, and the
/// versions before it).
const BASE_2: &[&str] = &["AV", "AC", "Au", "C", "I", "A"];
const BASE_3: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_4: &[&str] = &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

/// The score of a vector by its own version's formula, with the temporal, threat and environmental metrics it has.
pub fn score(vector: &str) -> Result<Score, ScoreError> {
    let trimmed = vector.trim_matches(['(', ')', ' ', '/']);
    // Version 2 has no prefix of its own; some write one.
    let plain = trimmed.strip_prefix("CVSS:2.0/").unwrap_or(trimmed);
    let cvss = cvss::Cvss::from_str(plain).or_else(|_| cvss::v2::Vector::from_str(plain).map(cvss::Cvss::CvssV20));
    let cvss = cvss.map_err(|_| ScoreError)?;
    let (version, base) = match &cvss {
        cvss::Cvss::CvssV20(_) => ("2.0", BASE_2),
        cvss::Cvss::CvssV30(_) => ("3.0", BASE_3),
        cvss::Cvss::CvssV31(_) => ("3.1", BASE_3),
        _ => ("4.0", BASE_4),
    };
    // Half a vector is no harmless vulnerability: the library scores what is missing as none.
    let stated = |metric: &&str| plain.split('/').any(|part| part.split(':').next() == Some(*metric));
    if !base.iter().all(stated) {
        return Err(ScoreError);
    }
    Ok(Score { version, score: (cvss.score() * 10.0).round() / 10.0 })
}
