// Prints what Go's text/template, with the functions of Docker's command line, makes of the templates on its input:
// one JSON string a line in, one JSON pair [template, output] a line out. `go run oracle.go < templates.jsonl > vectors.jsonl`
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
)

const data = `{"Name":"app","Empty":"","Size":42,"Yes":true,"Null":null,"List":["a","b","c"],"None":[],
"Map":{"b":"2","a":"1 < 2","n":null},"Odd":"Å\n\"q\"\u2028'é"}`

var functions = template.FuncMap{
	"json": func(v any) string {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(v)
		return strings.TrimSpace(out.String())
	},
	"split": strings.Split,
	"join":  strings.Join,
	"title": strings.Title,
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"pad": func(source string, before, after int) string {
		if source == "" {
			return source
		}
		return strings.Repeat(" ", before) + source + strings.Repeat(" ", after)
	},
	"truncate": func(source string, length int) string {
		if len(source) < length {
			return source
		}
		return source[:length]
	},
}

func run(text string) string {
	parsed, err := template.New("").Funcs(functions).Parse(text)
	if err != nil {
		return "ERROR " + err.Error()
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	var out bytes.Buffer
	if err := parsed.Option("missingkey=error").Execute(&out, value); err != nil {
		return "ERROR " + err.Error()
	}
	return out.String()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode([]string{text, run(text)})
		fmt.Print(line.String())
	}
}
