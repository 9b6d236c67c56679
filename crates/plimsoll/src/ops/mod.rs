//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

pub(crate) mod advisories;
mod affected;
mod baseline;
mod check;
mod claimed;
mod compare;
mod copy;
mod decisions;
mod describe;
mod diff;
mod files;
mod inside;
mod intact;
mod layers;
mod lint;
mod login;
mod open;
pub(crate) mod pin;
mod promote;
mod provenance;
mod read;
mod record;
mod resolve;
mod retain;
mod running;
pub(crate) mod signing;
mod stored;
pub(crate) mod tags;

pub(crate) use affected::{Affected, AffectedImage, Hit, Question as AffectedQuestion, affected};
pub(crate) use baseline::report_baseline;
pub(crate) use check::{Checked, Looked, Scanned, check, check_texts, judge_scan};
pub(crate) use claimed::claimed;
pub(crate) use compare::{Comparison, Difference, How, Sums, compare};
pub(crate) use copy::{CopyRequest, Copying, copy};
pub(crate) use decisions::{NAME as DECISIONS, decisions_at, decisions_file, decisions_text, shown_path, states};
pub(crate) use describe::describe;
pub(crate) use diff::{Diff, Known, PackageChange, SettingChange, VulnerabilityChanges, Way, diff, half};
pub(crate) use inside::{Inhabitant, Inside, inside};
pub(crate) use layers::{Anatomy, Question, dive_rules, layers};
pub(crate) use lint::{Fixes, LintedFile, adopt_hadolint, dockerfiles, lint_file};
pub(crate) use login::{SignedIn, login, logout, registry_host};
pub(crate) use open::{Access, feeds, open, policy_at, registry};
pub(crate) use promote::{Mended, Mending, PromoteRequest, Promotion, StepFate, mend, promote, untag};
pub(crate) use read::{Asked, Reading, read};
pub(crate) use record::{Sight, record};
pub(crate) use resolve::{
    About, AgeVerdict, Agreement, Ask, Resolution, Resolver, Standing, Statement, as_of, ever, judge, remember, vantage,
};
pub(crate) use retain::{Listed, is_retained, retain, retained};
pub(crate) use running::{Anew, Census, Running, Verdict, running};
