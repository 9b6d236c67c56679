//! Every id under which hadolint, BuildKit, trivy and dockle know a mistake: each is an alias of a rule here, or has a
//! reason for being none.

use crate::rule::{self, Rule};

/// A program whose ids are known here.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its name.
    pub name: &'static str,
    /// Its ids, in its order.
    pub ids: &'static [&'static str],
}

/// What becomes of an id.
#[derive(Debug)]
pub enum Here {
    /// These rules judge it.
    Rules(Vec<&'static Rule>),
    /// No rule does, and why.
    Nothing(&'static str),
    /// Nobody said; a test fails.
    Forgotten,
}

/// What becomes of a peer's id here.
pub fn here(id: &str) -> Here {
    let rules = rule::find_alias(id);
    let reason = REASONS.iter().find(|(without, _)| *without == id);
    match (rules.is_empty(), reason) {
        (false, _) => Here::Rules(rules),
        (true, Some((_, why))) => Here::Nothing(why),
        (true, None) => Here::Forgotten,
    }
}

/// The peers.
pub const PEERS: [Peer; 4] = [
    Peer {
        name: "hadolint",
        ids: &[
            "DL1000", "DL1001", "DL3000", "DL3001", "DL3002", "DL3003", "DL3004", "DL3006", "DL3007", "DL3008",
            "DL3009", "DL3010", "DL3011", "DL3012", "DL3013", "DL3014", "DL3015", "DL3016", "DL3018", "DL3019",
            "DL3020", "DL3021", "DL3022", "DL3023", "DL3024", "DL3025", "DL3026", "DL3027", "DL3028", "DL3029",
            "DL3030", "DL3032", "DL3033", "DL3034", "DL3035", "DL3036", "DL3037", "DL3038", "DL3040", "DL3041",
            "DL3042", "DL3043", "DL3044", "DL3045", "DL3046", "DL3047", "DL3048", "DL3049", "DL3050", "DL3051",
            "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3057", "DL3058", "DL3059", "DL3060", "DL3061",
            "DL3062", "DL3063", "DL3064", "DL3065", "DL3066", "DL3067", "DL4000", "DL4001", "DL4003", "DL4004",
            "DL4005", "DL4006",
        ],
    },
    Peer {
        name: "BuildKit",
        ids: &[
            "StageNameCasing",
            "FromAsCasing",
            "ConsistentInstructionCasing",
            "NoEmptyContinuation",
            "LegacyKeyValueFormat",
            "UndefinedArgInFrom",
            "InvalidDefaultArgInFrom",
            "UndefinedVar",
            "ExposeProtoCasing",
            "ExposeInvalidFormat",
            "CopyIgnoredFile",
            "InvalidBaseImagePlatform",
            "InvalidDefinitionDescription",
            "JSONArgsRecommended",
            "MaintainerDeprecated",
            "SecretsUsedInArgOrEnv",
            "FromPlatformFlagConstDisallowed",
            "WorkdirRelativePath",
            "MultipleInstructionsDisallowed",
            "DuplicateStageName",
            "ReservedStageName",
            "RedundantTargetPlatform",
        ],
    },
    Peer {
        name: "trivy",
        ids: &[
            "DS-0001", "DS-0002", "DS-0004", "DS-0005", "DS-0006", "DS-0007", "DS-0008", "DS-0009", "DS-0010",
            "DS-0011", "DS-0012", "DS-0013", "DS-0014", "DS-0015", "DS-0016", "DS-0017", "DS-0019", "DS-0020",
            "DS-0021", "DS-0022", "DS-0023", "DS-0024", "DS-0025", "DS-0026", "DS-0027", "DS-0029", "DS-0030",
            "DS-0031", "DS-0032",
        ],
    },
    Peer {
        name: "dockle",
        ids: &[
            "CIS-DI-0001",
            "CIS-DI-0002",
            "CIS-DI-0003",
            "CIS-DI-0004",
            "CIS-DI-0005",
            "CIS-DI-0006",
            "CIS-DI-0007",
            "CIS-DI-0008",
            "CIS-DI-0009",
            "CIS-DI-0010",
            "CIS-DI-0011",
            "DKL-DI-0001",
            "DKL-DI-0002",
            "DKL-DI-0003",
            "DKL-DI-0004",
            "DKL-DI-0005",
            "DKL-DI-0006",
            "DKL-LI-0001",
            "DKL-LI-0002",
            "DKL-LI-0003",
        ],
    },
];

const NO_CHECK: &str = "dockle names it and has no check for it";

/// The ids without a rule.
const REASONS: [(&str, &str); 10] = [
    (
        "InvalidBaseImagePlatform",
        "which platforms a base has is in its registry, which `lint` does not ask; of a built image PL713 judges it",
    ),
    (
        "InvalidDefinitionDescription",
        "an experiment of BuildKit's: it takes every comment above an ARG or FROM for a description, and most are none",
    ),
    ("CIS-DI-0002", NO_CHECK),
    ("CIS-DI-0003", NO_CHECK),
    ("CIS-DI-0004", NO_CHECK),
    ("CIS-DI-0005", "it is about a variable of the host that scans (`DOCKER_CONTENT_TRUST`), not about the image"),
    ("CIS-DI-0011", NO_CHECK),
    (
        "DKL-LI-0001",
        "an account without a password is of use only to a login service, which is judged where the Dockerfile shows it (PL261)",
    ),
    (
        "DKL-LI-0002",
        "two names for one number give no right that the number has not; which number runs is judged (PL206)",
    ),
    (
        "DKL-LI-0003",
        "a name alone does not tell a leftover from a program's own file; caches (PL201), secrets (PL205) and repositories (`plimsoll layers`) are found by what they are",
    ),
];
