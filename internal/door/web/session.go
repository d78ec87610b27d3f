package web

const pathSession = "/session"

func sessionRoutes() []route { return nil }

func (q *request) root() error { return errNoPage }
