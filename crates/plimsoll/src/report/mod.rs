//! What ops gave, shown: for people, for programs, for code hosts. Nothing is decided here.

pub(crate) mod compare_text;
pub(crate) mod compare_v1;
pub(crate) mod copy_text;
pub(crate) mod copy_v1;
pub(crate) mod diff;
pub(crate) mod inspect_v1;
mod json;
pub(crate) mod layers_html;
pub(crate) mod layers_text;
pub(crate) mod layers_v1;
pub(crate) mod ledger_export_v1;
pub(crate) mod ledger_v1;
pub(crate) mod lint_terminal;
pub(crate) mod pin_text;
pub(crate) mod pin_v1;
pub(crate) mod report_v1;
pub(crate) mod resolve_text;
pub(crate) mod resolve_v1;
pub(crate) mod running_text;
pub(crate) mod running_v1;
pub(crate) mod sarif_log;
pub(crate) mod scan_table;
pub(crate) mod scan_v1;
pub(crate) mod tags_text;
pub(crate) mod tags_v1;
pub(crate) mod terminal;
mod treemap;
