// Pairs on stdin, a sign each on stdout: the semver of Go's own module system, and go/version for toolchains.
package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"strings"

	"oracle/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		a, b, _ := strings.Cut(in.Text(), "\t")
		fmt.Println(answer(a, b))
	}
}

func answer(a, b string) string {
	if strings.HasPrefix(a, "go") && strings.HasPrefix(b, "go") {
		if !version.IsValid(a) || !version.IsValid(b) {
			return "?"
		}
		return sign(version.Compare(a, b))
	}
	a, b = "v"+strings.TrimPrefix(a, "v"), "v"+strings.TrimPrefix(b, "v")
	if !semver.IsValid(a) || !semver.IsValid(b) {
		return "?"
	}
	return sign(semver.Compare(a, b))
}

func sign(order int) string {
	return string("<=>"[order+1])
}
