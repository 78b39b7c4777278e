// Package ent is the storage of Gatehouse: one typed client for the entities of
// the core and of every plugin. All but a few files are written by ent/gen.
package ent

//go:generate go run ./gen
