//! The built-in end-of-life table, in the JSON of `assets/endoflife.json`
//! (a selection of <https://endoflife.date/docs/api>'s keys, unchanged).

use crate::eol::{Cycle, End, EolTable, Product};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    date: String,
    products: BTreeMap<String, ProductJson>,
}

#[derive(Deserialize)]
struct ProductJson {
    title: String,
    cycles: Vec<CycleJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CycleJson {
    release_cycle: String,
    #[serde(deserialize_with = "end")]
    eol: End,
    #[serde(default, deserialize_with = "some_end")]
    eoes: Option<End>,
    latest: Option<String>,
}

/// Reads a table.
pub(crate) fn parse(text: &str) -> Result<EolTable, serde_json::Error> {
    let file: File = serde_json::from_str(text)?;
    let day = file.date.get(..10).unwrap_or(&file.date);
    let as_of = day.parse().map_err(serde::de::Error::custom)?;
    let products = file.products.into_iter().map(|(name, p)| (name, product(p))).collect();
    Ok(EolTable { as_of, products })
}

fn product(json: ProductJson) -> Product {
    let cycle = |c: CycleJson| Cycle { name: c.release_cycle, end: c.eol, extended_end: c.eoes, latest: c.latest };
    Product { title: json.title, cycles: json.cycles.into_iter().map(cycle).collect() }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DateOrBool {
    Ended(bool),
    Date(String),
}

fn end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<End, D::Error> {
    match DateOrBool::deserialize(deserializer)? {
        DateOrBool::Ended(true) => Ok(End::Past),
        DateOrBool::Ended(false) => Ok(End::Open),
        DateOrBool::Date(text) => text.parse::<Date>().map(End::On).map_err(serde::de::Error::custom),
    }
}

fn some_end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<End>, D::Error> {
    end(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_and_switches() {
        let text = r#"{"date":"2026-08-22T08:52:34Z","products":{"x":{"title":"X","cycles":[
            {"releaseCycle":"2","eol":false,"eoes":"2030-01-01"},{"releaseCycle":"1","eol":true,"latest":"1.9"}]}}}"#;
        let table = parse(text).unwrap();
        let cycles = &table.products["x"].cycles;
        assert_eq!(cycles[0].end, End::Open);
        assert_eq!(cycles[0].extended_end, Some(End::On(jiff::civil::date(2030, 1, 1))));
        assert_eq!((cycles[1].end, cycles[1].extended_end), (End::Past, None));
    }

    #[test]
    fn a_bad_date_is_an_error() {
        let text =
            r#"{"date":"2026-08-22","products":{"x":{"title":"X","cycles":[{"releaseCycle":"2","eol":"soon"}]}}}"#;
        assert!(parse(text).is_err());
    }
}
