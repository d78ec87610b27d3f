package sqldb

import (
	"io"
	"io/fs"
	"strings"
)

// expanded is a folder of migrations with their tokens replaced.
type expanded struct {
	fs.FS
	tokens *strings.Replacer
}

// ReadDir implements fs.ReadDirFS.
func (e expanded) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(e.FS, name) }

// ReadFile implements fs.ReadFileFS.
func (e expanded) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return nil, err
	}
	return []byte(e.tokens.Replace(string(text))), nil
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
