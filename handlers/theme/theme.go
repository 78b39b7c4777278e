// Package theme serves the style sheet with the colours of the installation. What it
// holds follows from its address alone, so that browsers keep it for good and every
// process of a cluster answers alike.
package theme

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/color"
	"gatehouse/plugins"
)

// Path is where the style sheet is.
const Path = "/theme.css"

// version is raised when the same colour is to give other rules.
const version = "1"

// URL is the address of the style sheet of an accent, "" for the product's own colours.
func URL(accent string) string {
	if _, err := color.Parse(accent); err != nil {
		return ""
	}
	return Path + "?accent=" + accent[1:] + "&v=" + version
}

// Route serves it to anyone.
func Route() plugins.Route {
	return plugins.Route{Method: http.MethodGet, Path: Path, Summary: "The colours of the installation", Access: plugins.Access{Who: plugins.Nobody}, Handle: serve}
}

func serve(c *plugins.Call) error {
	accent, err := color.Parse("#" + c.Form("accent"))
	if err != nil {
		return auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
	}
	h := c.Header
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Writer.WriteHeader(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	_, err = c.Writer.Write([]byte(color.Stylesheet(accent)))
	return err
}
