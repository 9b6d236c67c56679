//! The table of programs that tell their version in their own bytes.
//!
//! One line a signature: the product, the names its file goes by (`*` is any run of bytes), what its bytes say
//! around the version (a group captures it), its CPE's vendor and product, and what it was proved on. Every
//! line was run against the real programs named there; `testdata/program` has the bytes around each match.

/// One line of the table.
pub(super) struct Signature {
    /// The product: the name in `pkg:generic/NAME@VERSION`.
    pub(super) product: &'static str,
    /// The names its file goes by.
    pub(super) names: &'static [&'static str],
    /// A pattern over bytes; its first group that took part is the version.
    pub(super) pattern: &'static str,
    /// Vendor and product of its CPE.
    pub(super) cpe: &'static str,
    /// The real programs it was proved on; the test data has a snippet of each. Nothing at run time.
    #[cfg_attr(not(test), expect(dead_code, reason = "the proof of each line, held true by a test"))]
    pub(super) proved_on: &'static [&'static str],
}

const fn line(
    product: &'static str,
    names: &'static [&'static str],
    pattern: &'static str,
    cpe: &'static str,
    proved_on: &'static [&'static str],
) -> Signature {
    Signature { product, names, pattern, cpe, proved_on }
}

/// The table, in the order in which lines are tried.
#[rustfmt::skip]
pub(super) static SIGNATURES: &[Signature] = &[
    line("node", &["node", "nodejs", "libnode.so*"], r"node\.js/v(\d+\.\d+\.\d+)", "nodejs:node.js", &["node-18.20.8", "node-22.23.3", "node-18.4.0", "libnode-18.20.4", "node-20.20.2", "node-24.21.0", "node-16.20.2", "node-10.24.1", "node-8.17.0", "node-14.21.3", "node-12.22.12"]),
    line("python", &["python2*", "python3*", "python", "libpython*.so*"], r"[\x00/-]([23]\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+?\x00", "python:python", &["python-3.11.2", "libpython-3.11.2", "libpython-2.7.18", "libpython-3.10.13", "libpython-3.11.7", "libpython-3.12.1", "libpython-3.13.0", "libpython-3.6.15", "libpython-3.7.16", "libpython-3.8.18", "libpython-3.9.18"]),
    line("ruby", &["ruby", "ruby[0-9]*", "libruby*.so*"], r"ruby (\d+\.\d+\.\d+(?:preview\d+|rc\d+)?)(?:p\d+|dev)? \(\d{4}-\d\d-\d\d", "ruby-lang:ruby", &["libruby-3.1.7"]),
    line("php", &["php", "php*.*", "php-fpm*", "php-cgi*", "libphp*.so"], r"X-Powered-By: PHP/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)", "php:php", &["php-8.2.36", "libphp-8.2.36", "libphp-8.2.36-2", "php-8.4.27"]),
    line("perl", &["perl", "perl5*", "libperl.so*"], r"\x00v(5\.\d+\.\d+)\x00", "perl:perl", &["perl-5.36.0", "libperl-5.36.0", "perl-5.42.3"]),
    line("nginx", &["nginx"], r"nginx version: nginx/(\d+\.\d+\.\d+)", "f5:nginx", &["nginx-1.22.1", "nginx-1.31.3", "nginx-1.30.6"]),
    line("httpd", &["httpd", "apache2"], r"Apache/(\d+\.\d+\.\d+)", "apache:http_server", &["apache-2.4.71", "apache-2.4.69"]),
    line("lighttpd", &["lighttpd"], r"lighttpd/(\d+\.\d+\.\d+)", "lighttpd:lighttpd", &["lighttpd-1.4.69"]),
    line("haproxy", &["haproxy"], r"\x00 version (\d+\.\d+(?:\.\d+|-dev\d+))[^ ]{0,40}, released \d{4}/", "haproxy:haproxy", &["haproxy-2.6.12"]),
    line("varnish", &["varnishd"], r"\x00varnish-(\d+\.\d+\.\d+) revision ", "varnish-software:varnish_cache", &["varnishd-7.1.1"]),
    line("redis", &["redis-server", "redis-sentinel", "redis-check-*"], r"\x00(\d+\.\d+\.\d+)(?:[0-9a-f]{12}|buildkitsandbox)-\d{11,13}[0-9a-f]{8}\x00", "redis:redis", &["redis-server-6.2.5", "redis-server-6.2.11", "redis-server-6.2.7", "redis-server-6.2.7-arm64"]),
    line("redis", &["redis-server", "redis-sentinel", "redis-check-*", "redis-benchmark"], r"\x00(\d+\.\d+\.\d+?)1[5-9]\d{8}[0-9a-f]{8}[01]\x00", "redis:redis", &["redis-check-aof-8.0.6", "redis-benchmark-8.0.6"]),
    line("redis", &["redis-server", "redis-sentinel", "redis-check-*"], r"\x00([2-7]\.\d+\.\d+)\x00+(?:(?:c11|atomic|sync|pthread)-[a-z]+\x00|# Server\r\n)", "redis:redis", &["redis-check-aof-7.0.15", "redis-check-rdb-7.0.15", "redis-server-6.2.14"]),
    line("redis", &["redis-cli"], r"\x00(\d+\.\d+\.\d+)\x00 \(git:%s\x00", "redis:redis", &["redis-cli-7.0.15", "redis-cli-6.2.5"]),
    line("valkey", &["valkey-server", "valkey-sentinel", "valkey-check-*"], r"\x00(?:valkey(\d+\.\d+\.\d+)(?:[0-9a-f]{12}|buildkitsandbox)-\d{11,16}[0-9a-f]{8}|[0-9a-f]{8}\x00(\d+\.\d+\.\d+))\x00", "lfprojects:valkey", &["valkey-server-8.1.8"]),
    line("valkey", &["valkey-cli"], r"\x00(\d+\.\d+\.\d+)\x00 \(git:%s\x00", "lfprojects:valkey", &["valkey-cli-8.1.8"]),
    line("memcached", &["memcached"], r"\x00memcached (\d+\.\d+\.\d+)\n?\x00", "memcached:memcached", &["memcached-1.6.18"]),
    line("postgresql", &["postgres", "psql"], r"\(PostgreSQL\) (\d+(?:\.\d+){1,2})", "postgresql:postgresql", &["postgres-15.20", "postgres-16.4", "postgres-16.2", "psql-15.20", "postgres-18.6"]),
    line("mariadb", &["mariadbd", "mysqld", "mariadb", "mysql"], r"\x00(\d+\.\d+\.\d+)-MariaDB", "mariadb:mariadb", &["mariadbd-10.11.19", "mysqld-10.2.11", "mariadb-10.11.19", "mariadbd-11.8.9"]),
    line("mysql", &["mysqld"], r"\x00MySQL (\d+\.\d+\.\d+)\x00", "oracle:mysql", &["mysqld-9.7.4"]),
    line("mysql", &["mysqld"], r"/mysql-(\d+\.\d+\.\d+)/sql/", "oracle:mysql", &["mysqld-5.5.9"]),
    line("mariadb-connector-c", &["libmariadb.so*"], r"\x00(3\.\d+\.\d+)\x00MariaDB\x00", "mariadb:connector\\/c", &["libmariadb-3.3.20"]),
    line("sqlite", &["libsqlite3.so*"], r"\x00(3\.\d+\.\d+(?:\.\d+)?)\x00", "sqlite:sqlite", &["libsqlite-3.40.1", "libsqlite-3.53.4"]),
    line("openssl", &["openssl", "libcrypto.so*"], r"\x00OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-(?:alpha|beta|pre)\d+)?)(?:-fips)? +\d{1,2} [A-Z][a-z]{2} \d{4}", "openssl:openssl", &["libcrypto-3.0.22", "openssl-3.0.22", "libcrypto-3.5.8", "libcrypto-3.6.5"]),
    line("gnutls", &["libgnutls.so*"], r"Enabled GnuTLS (\d+\.\d+\.\d+) logging", "gnu:gnutls", &["libgnutls-3.7.9"]),
    line("curl", &["curl"], r"curl (\d+\.\d+\.\d+) \(", "haxx:curl", &["curl-7.88.1", "curl-8.23.0"]),
    line("curl", &["libcurl.so*", "libcurl-*.so*"], r"\x00libcurl/(\d+\.\d+\.\d+)\x00", "haxx:libcurl", &["libcurl-7.88.1"]),
    line("zlib", &["libz.so*"], r" (?:in|de)flate (\d+\.\d+(?:\.\d+){0,2}) Copyright ", "zlib:zlib", &["libz-1.2.13"]),
    line("busybox", &["busybox", "busybox-*"], r"BusyBox v(\d+\.\d+\.\d+)", "busybox:busybox", &["busybox-1.35.0", "busybox-1.35.0-2"]),
    line("bash", &["bash"], r"@\(#\)Bash version (\d+\.\d+\.\d+)\(", "gnu:bash", &["bash-5.2.15"]),
    line("zsh", &["zsh", "zsh-*", "zsh[0-9]"], r"\x00(\d+\.\d+(?:\.\d+)?)\x00zsh %s \(", "zsh:zsh", &["zsh-5.9"]),
    line("git", &["git"], r"git/(\d+\.\d+\.\d+(?:\.\d+)?(?:-rc\d+)?)\x00", "git-scm:git", &["git-2.39.5", "git-2.50.1"]),
    line("luajit", &["luajit*", "libluajit*.so*"], r"\x00LuaJIT (\d+\.\d+\.\d+(?:-beta\d+)?)", "luajit:luajit", &["luajit-2.1.0-beta3", "libluajit-2.1.0-beta3"]),
    line("lua", &["lua", "lua5*", "liblua*.so*"], r"Lua (\d+\.\d+\.\d+) +Copyright ", "lua:lua", &["lua-5.4.4", "liblua-5.4.4", "lua-5.1.5"]),
    line("proftpd", &["proftpd"], r"ProFTPD Version (\d+\.\d+\.\d+[a-z]?)\x00", "proftpd:proftpd", &["proftpd-1.3.8"]),
    line("tini", &["tini", "tini-static", "docker-init"], r"tini version (\d+\.\d+\.\d+)", "krallin:tini", &["tini-static-0.19.0", "tini-0.19.0"]),
];
