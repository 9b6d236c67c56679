//! What is known of a CVE beside advisories: whether it is exploited (CISA's KEV) and how likely that is (EPSS).
//!
//! One file of its own beside the segments: rows of fixed length, sorted by number, read in place.

use crate::codec::{Cursor, Damage};
use crate::when;
use std::collections::BTreeMap;

const MAGIC: &[u8; 8] = b"PLIMENR\x01";
const ROW: usize = 28;
const PART: &str = "enrichment";

/// What is known of one CVE.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The day CISA listed it as exploited, `2025-08-25`.
    pub exploited_since: Option<String>,
    /// Known to be used for ransomware.
    pub ransomware: bool,
    /// The probability of exploitation within 30 days, 0 to 1.
    pub epss: Option<f32>,
    /// Its rank among all, 0 to 1.
    pub percentile: Option<f32>,
    /// The day of the score.
    pub epss_day: Option<String>,
}

/// Rows, collected.
#[derive(Debug, Default)]
pub struct Rows(BTreeMap<u64, Row>);

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    kev: u32,
    ransomware: u32,
    epss: Option<(f32, f32, u32)>,
}

/// `CVE-2024-3094` as a number that sorts by year.
fn number(cve: &str) -> Option<u64> {
    let (year, serial) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit()) && (4..=10).contains(&t.len());
    if !digits(year) || !digits(serial) {
        return None;
    }
    Some(year.parse::<u64>().ok()? << 40 | serial.parse::<u64>().ok()?)
}

impl Rows {
    /// A CVE that is exploited since that day.
    pub fn exploited(&mut self, cve: &str, day: &str, ransomware: bool) {
        if let Some(number) = number(cve) {
            let row = self.0.entry(number).or_default();
            (row.kev, row.ransomware) = (when::days(day).max(1), u32::from(ransomware));
        }
    }

    /// A CVE's score of that day; the newest stays.
    pub fn scored(&mut self, cve: &str, epss: f32, percentile: f32, day: &str) {
        let day = when::days(day);
        if let Some(number) = number(cve) {
            let row = self.0.entry(number).or_default();
            if row.epss.is_none_or(|(_, _, before)| before <= day) {
                row.epss = Some((epss, percentile, day));
            }
        }
    }

    /// Adds what others say.
    pub fn absorb(&mut self, other: Self) {
        for (number, theirs) in other.0 {
            let row = self.0.entry(number).or_default();
            if theirs.kev > 0 {
                (row.kev, row.ransomware) = (theirs.kev, theirs.ransomware);
            }
            row.epss = theirs.epss.or(row.epss);
        }
    }

    /// How many CVEs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for (number, row) in &self.0 {
            let (epss, percentile, day) = row.epss.unwrap_or((-1.0, -1.0, 0));
            out.extend_from_slice(&number.to_le_bytes());
            for part in [row.kev, row.ransomware, epss.to_bits(), percentile.to_bits(), day] {
                out.extend_from_slice(&part.to_le_bytes());
            }
        }
        out
    }
}

/// The file, open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Enrichment<'s>(&'s [u8]);

impl<'s> Enrichment<'s> {
    /// Reads the head.
    pub fn open(bytes: &'s [u8]) -> Result<Self, Damage> {
        let rows = bytes.strip_prefix(MAGIC).ok_or(Damage { part: PART, at: 0 })?;
        if rows.len().is_multiple_of(ROW) { Ok(Self(rows)) } else { Err(Damage { part: PART, at: bytes.len() }) }
    }

    /// Adds its rows to others: what is exploited, what is scored, or both.
    pub fn copy_to(&self, rows: &mut Rows, exploited: bool, scored: bool) {
        for row in self.0.chunks_exact(ROW) {
            let mut cursor = Cursor::new(PART, row, 8);
            let mut next = || cursor.u32().unwrap_or_default();
            let (kev, ransomware, epss, percentile, day) = (next(), next(), next(), next(), next());
            let key = u64::from_le_bytes(std::array::from_fn(|b| row[b]));
            let (epss, percentile) = (f32::from_bits(epss), f32::from_bits(percentile));
            let (listed, rated) = (exploited && kev > 0, scored && (0.0..=1.0).contains(&epss));
            if listed || rated {
                let own = rows.0.entry(key).or_default();
                (own.kev, own.ransomware) = if listed { (kev, ransomware) } else { (own.kev, own.ransomware) };
                own.epss = if rated { Some((epss, percentile, day)) } else { own.epss };
            }
        }
    }

    /// What is known of a CVE.
    pub fn get(&self, cve: &str) -> Option<Facts> {
        let wanted = number(cve)?;
        let count = self.0.len() / ROW;
        let (mut low, mut high) = (0, count);
        let row = |i: usize| &self.0[i * ROW..i * ROW + ROW];
        let key = |i: usize| u64::from_le_bytes(std::array::from_fn(|b| row(i)[b]));
        while low < high {
            let middle = low + (high - low) / 2;
            if key(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        if low >= count || key(low) != wanted {
            return None;
        }
        let mut cursor = Cursor::new(PART, row(low), 8);
        let mut next = || cursor.u32().unwrap_or_default();
        let (kev, ransomware, epss, percentile, day) = (next(), next(), next(), next(), next());
        let score = |bits: u32| Some(f32::from_bits(bits)).filter(|s| (0.0..=1.0).contains(s));
        Some(Facts {
            exploited_since: Some(kev).filter(|k| *k > 0).map(when::date),
            ransomware: ransomware == 1,
            epss: score(epss),
            percentile: score(percentile),
            epss_day: Some(day).filter(|d| *d > 0).map(when::date),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let mut rows = Rows::default();
        rows.scored("CVE-2024-3094", 0.5, 0.99, "2025-04-02");
        rows.scored("CVE-2024-3094", 0.25, 0.98, "2025-03-02");
        rows.exploited("CVE-2021-44228", "2021-12-10", true);
        rows.scored("CVE-1999-1", 0.5, 0.5, "2025-01-01");
        rows.scored("nonsense", 0.5, 0.5, "2025-01-01");
        let bytes = rows.to_bytes();
        let open = Enrichment::open(&bytes).unwrap();
        let xz = open.get("CVE-2024-3094").unwrap();
        assert_eq!((xz.epss, xz.exploited_since, xz.epss_day.as_deref()), (Some(0.5), None, Some("2025-04-02")));
        let log4j = open.get("CVE-2021-44228").unwrap();
        assert_eq!((log4j.exploited_since.as_deref(), log4j.ransomware, log4j.epss), (Some("2021-12-10"), true, None));
        assert_eq!((open.get("CVE-2024-3095"), open.get("GHSA-x"), rows.len()), (None, None, 2));
        let mut copied = Rows::default();
        open.copy_to(&mut copied, true, true);
        assert_eq!(copied.to_bytes(), bytes);
        let mut scores = Rows::default();
        open.copy_to(&mut scores, false, true);
        assert_eq!(scores.len(), 1);
        assert!(Enrichment::open(&bytes[..bytes.len() - 1]).is_err() && Enrichment::open(b"").is_err());
    }
}
