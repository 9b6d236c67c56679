//! How each package tool is kept from leaving its cache behind.

/// What to do in the same instruction that ran `tool`.
pub(super) fn clean(tool: &str) -> &'static str {
    match tool {
        "apt" => {
            "end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt"
        }
        "apk" => "run `apk add --no-cache` instead of `apk add`",
        "dnf" | "microdnf" => "end the same `RUN` with `dnf clean all && rm -rf /var/cache/dnf`",
        "yum" => "end the same `RUN` with `yum clean all && rm -rf /var/cache/yum`",
        "tdnf" => "end the same `RUN` with `tdnf clean all`",
        "zypper" => "end the same `RUN` with `zypper clean --all`",
        "pacman" => "end the same `RUN` with `pacman -Scc --noconfirm`",
        "pip" => "run `pip install --no-cache-dir`, or mount a cache on /root/.cache/pip",
        "uv" => "run `uv` with `--no-cache`, or mount a cache on /root/.cache/uv",
        "poetry" => "end the same `RUN` with `rm -rf ~/.cache/pypoetry`, or mount a cache there",
        "conda" => "end the same `RUN` with `conda clean -afy`",
        "npm" => "end the same `RUN` with `npm cache clean --force`, or mount a cache on /root/.npm",
        "yarn" => "end the same `RUN` with `yarn cache clean`",
        "pnpm" => "end the same `RUN` with `pnpm store prune`, or mount a cache on its store",
        "composer" => "end the same `RUN` with `composer clear-cache`",
        "gem" => "end the same `RUN` with `rm -rf \"$(gem env home)\"/cache/*.gem`",
        "bundler" => "end the same `RUN` with `rm -rf ~/.bundle/cache`",
        "go" => "build in a stage of its own and copy the program out, or mount a cache on /go/pkg/mod",
        "cargo" => {
            "build in a stage of its own and copy the program out, or mount a cache on /usr/local/cargo/registry"
        }
        "maven" | "gradle" | "nuget" => {
            "build in a stage of its own and copy the result out, or mount the tool's cache"
        }
        _ => "remove the files in the same `RUN` that made them, or mount a cache on the folder",
    }
}
