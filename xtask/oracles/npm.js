// Pairs on stdin, a sign each on stdout: the `semver` that npm uses.
const semver = require('semver');
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line);
const answer = (line) => {
  const [a, b] = line.split('\t');
  return semver.valid(a) && semver.valid(b) ? '<=>'[semver.compare(a, b) + 1] : '?';
};
console.log(lines.map(answer).join('\n'));
