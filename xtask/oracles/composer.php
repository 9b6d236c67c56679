<?php
// Pairs on stdin, a sign each on stdout: Composer's own parser, then PHP's own comparison, as Composer calls it.
require 'Composer/Semver/autoload.php';
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n"));
    try {
        [$a, $b] = [$parser->normalize($a), $parser->normalize($b)];
        $branch = strpos($a, 'dev-') === 0 || strpos($b, 'dev-') === 0;
        echo $branch ? '?' : ['<', '=', '>'][version_compare($a, $b) + 1], "\n";
    } catch (UnexpectedValueException $e) {
        echo "?\n";
    }
}
