// Prints what BuildKit's own parser makes of each file named on the command line: one JSON document a line.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type heredoc struct {
	Name    string `json:"name"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
	FD      uint   `json:"fd"`
	Content string `json:"content"`
}

type node struct {
	Keyword  string    `json:"keyword"`
	Flags    []string  `json:"flags"`
	Args     []string  `json:"args"`
	JSON     bool      `json:"json"`
	Start    int       `json:"start"`
	End      int       `json:"end"`
	Heredocs []heredoc `json:"heredocs"`
}

type document struct {
	File   string `json:"file"`
	Text   string `json:"text"`
	Escape string `json:"escape,omitempty"`
	// What the line parser rejects; then there are no nodes.
	ParseError string `json:"parseError,omitempty"`
	// What is rejected later, and the first line of that instruction.
	Error     string `json:"error,omitempty"`
	ErrorLine int    `json:"errorLine,omitempty"`
	Nodes     []node `json:"nodes"`
}

func args(n *parser.Node) []string {
	out := []string{}
	for n = n.Next; n != nil; n = n.Next {
		if len(n.Children) == 0 {
			out = append(out, n.Value)
		} else {
			out = append(out, n.Children[0].Value)
			out = append(out, n.Children[0].Flags...)
			out = append(out, args(n.Children[0])...)
		}
	}
	return out
}

// The last three parts of a path.
func name(path string) string {
	parts := strings.Split(filepath.ToSlash(path), "/")
	return strings.Join(parts[max(0, len(parts)-3):], "/")
}

func read(path string) document {
	doc := document{File: name(path), Nodes: []node{}}
	data, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	doc.Text = string(data)
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		doc.ParseError = err.Error()
		return doc
	}
	doc.Escape = string(result.EscapeToken)
	for _, n := range result.AST.Children {
		json := n.Attributes["json"]
		if n.Next != nil && len(n.Next.Children) > 0 {
			json = n.Next.Children[0].Attributes["json"]
		}
		flags := n.Flags
		if flags == nil {
			flags = []string{}
		}
		made := node{Keyword: n.Value, Flags: flags, Args: args(n), JSON: json, Start: n.StartLine, End: n.EndLine, Heredocs: []heredoc{}}
		for _, h := range n.Heredocs {
			made.Heredocs = append(made.Heredocs, heredoc{h.Name, h.Expand, h.Chomp, h.FileDescriptor, h.Content})
		}
		doc.Nodes = append(doc.Nodes, made)
	}
	for _, n := range result.AST.Children {
		if _, err := instructions.ParseInstruction(n); err != nil {
			doc.Error, doc.ErrorLine = err.Error(), n.StartLine
			return doc
		}
	}
	if _, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{SkipAll: true})); err != nil {
		doc.Error = err.Error()
	}
	return doc
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, path := range os.Args[1:] {
		if err := out.Encode(read(path)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}
