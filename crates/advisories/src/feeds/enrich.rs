//! CISA's catalogue of exploited vulnerabilities (JSON) and FIRST's scores (CSV).

use super::FeedError;
use crate::enrichment::Rows;
use serde::Deserialize;

#[derive(Deserialize)]
struct Catalogue {
    vulnerabilities: Vec<Exploited>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exploited {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(default)]
    date_added: String,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

/// `https://www.cisa.gov/…/known_exploited_vulnerabilities.json`.
pub fn kev(bytes: &[u8], rows: &mut Rows) -> Result<usize, FeedError> {
    let catalogue: Catalogue = serde_json::from_slice(bytes)?;
    for one in &catalogue.vulnerabilities {
        rows.exploited(&one.cve, &one.date_added, one.known_ransomware_campaign_use == "Known");
    }
    Ok(catalogue.vulnerabilities.len())
}

/// `https://epss.empiricalsecurity.com/epss_scores-current.csv`: a line of comment with the day, a head, rows. A column
/// `date` gives each row a day of its own.
pub fn epss(text: &str, rows: &mut Rows) -> Result<usize, FeedError> {
    let mut lines = text.lines();
    let mut day = "";
    let mut head = lines.next().unwrap_or_default();
    if let Some(comment) = head.strip_prefix('#') {
        day = comment.split("score_date:").nth(1).and_then(|d| d.get(..10)).unwrap_or_default();
        head = lines.next().unwrap_or_default();
    }
    let column = |name: &str| head.split(',').position(|c| c.trim() == name);
    let (Some(cve), Some(epss), Some(percentile)) = (column("cve"), column("epss"), column("percentile")) else {
        return Err(FeedError::Table("the head does not name `cve`, `epss` and `percentile`"));
    };
    let date = column("date");
    let mut count = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let number = |at: usize| cells.get(at)?.parse::<f32>().ok().filter(|n| (0.0..=1.0).contains(n));
        if let (Some(name), Some(score), Some(rank)) = (cells.get(cve), number(epss), number(percentile)) {
            rows.scored(name, score, rank, date.and_then(|at| cells.get(at)).copied().unwrap_or(day));
            count += 1;
        }
    }
    Ok(count)
}
