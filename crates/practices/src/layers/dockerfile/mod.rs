//! Practice 2 in a Dockerfile: few, clear and clean layers.

pub(crate) mod add_instead_of_copy;
pub(crate) mod apk_cache;
pub(crate) mod apt_command;
pub(crate) mod apt_lists;
pub(crate) mod archive_unpacked;
pub(crate) mod as_case;
pub(crate) mod asks_questions;
pub(crate) mod broken_json;
pub(crate) mod cd_in_run;
pub(crate) mod consecutive_runs;
pub(crate) mod copy_from_itself;
pub(crate) mod copy_ignored;
pub(crate) mod copy_many;
pub(crate) mod copy_root;
pub(crate) mod copy_to_relative;
pub(crate) mod curl_and_wget;
pub(crate) mod dist_upgrade;
pub(crate) mod does_not_build;
pub(crate) mod empty_continuation;
pub(crate) mod env_uses_itself;
pub(crate) mod expose;
pub(crate) mod heredoc_goes_on;
pub(crate) mod ignore_used;
pub(crate) mod ignore_without_reason;
pub(crate) mod keyword_case;
pub(crate) mod last_user_root;
pub(crate) mod legacy_pair;
pub(crate) mod needless_program;
pub(crate) mod no_healthcheck;
pub(crate) mod noisy_wget;
pub(crate) mod odd_workdir;
pub(crate) mod other_caches;
pub(crate) mod overridden;
pub(crate) mod pip_cache;
pub(crate) mod pipe_without_pipefail;
pub(crate) mod recommended_packages;
pub(crate) mod recursive_chown;
pub(crate) mod relative_workdir;
pub(crate) mod rpm_cache;
pub(crate) mod secret_in_text;
pub(crate) mod secret_named;
pub(crate) mod shell_form;
pub(crate) mod shell_replaced;
pub(crate) mod ssh_port;
pub(crate) mod stage_names;
pub(crate) mod sudo;
pub(crate) mod swallowed_continuation;
pub(crate) mod undefined_variable;
pub(crate) mod unused_ignore;
pub(crate) mod update_alone;
pub(crate) mod user_not_numeric;
pub(crate) mod useradd_sparse;
pub(crate) mod volume_of_the_system;

use crate::dockerfile::DockerfileEvidence;
use sources::shell::Script;

/// Whether a RUN removes something whose path holds this text.
fn removes(script: &Script, path: &str) -> bool {
    let mut removals = script.commands.iter().filter(|command| matches!(command.name(), "rm" | "find"));
    removals.any(|command| command.operands().any(|word| word.text.contains(path)))
}

/// Whether a stage gets into the image: the last one, or one that another builds on.
fn shipped(dockerfile: &DockerfileEvidence<'_>, stage: usize) -> bool {
    let last = dockerfile.stages.len().saturating_sub(1);
    dockerfile.lineage(last).contains(&stage)
}

/// Whether a path does not depend on the working folder; of one that begins with a variable nobody knows.
fn is_absolute(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    let drive = path.as_bytes().get(1) == Some(&b':');
    path.starts_with(['/', '\\', '$']) || drive
}
