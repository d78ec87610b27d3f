package sqldb

import (
	"io"
	"io/fs"
	"regexp"
	"strings"
)

// expanded is a folder of migrations with their tokens replaced.
type expanded struct {
	fs.FS
	tokens *strings.Replacer
	first  string // what {{first table id}} becomes
}

var firstID = regexp.MustCompile(`\{\{first (\w+) (\d+)\}\}`)

// ReadDir implements fs.ReadDirFS.
func (e expanded) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(e.FS, name) }

// ReadFile implements fs.ReadFileFS.
func (e expanded) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return nil, err
	}
	return []byte(firstID.ReplaceAllString(e.tokens.Replace(string(text)), e.first)), nil
}

// Open implements fs.FS.
func (e expanded) Open(name string) (fs.File, error) {
	f, err := e.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := e.ReadFile(name)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return expandedFile{f, strings.NewReader(string(text))}, nil
}

type expandedFile struct {
	fs.File
	text io.Reader
}

func (f expandedFile) Read(p []byte) (int, error) { return f.text.Read(p) }
