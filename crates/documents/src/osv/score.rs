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

/// The score of a vector by its own version's formula, with the temporal, threat and environmental metrics it has.
pub fn score(vector: &str) -> Result<Score, ScoreError> {
    let trimmed = vector.trim_matches(['(', ')', ' ', '/']);
    // Version 2 has no prefix of its own; some write one.
    let plain = trimmed.strip_prefix("CVSS:2.0/").unwrap_or(trimmed);
    let cvss = cvss::Cvss::from_str(plain).or_else(|_| cvss::v2::Vector::from_str(plain).map(cvss::Cvss::CvssV20));
    let cvss = cvss.map_err(|_| ScoreError)?;
    let version = match &cvss {
        cvss::Cvss::CvssV20(_) => "2.0",
        cvss::Cvss::CvssV30(_) => "3.0",
        cvss::Cvss::CvssV31(_) => "3.1",
        _ => "4.0",
    };
    Ok(Score { version, score: (cvss.score() * 10.0).round() / 10.0 })
}
