package console

import (
	"gatehouse/plugins"
)

func (p *console) plugins(c *plugins.Call) error { return notFound() }
func (p *console) plugin(c *plugins.Call) error  { return notFound() }
