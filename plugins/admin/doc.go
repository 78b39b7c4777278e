// Package admin manages people: roles, bans, passwords, sessions, impersonation,
// invitations to the server, and the first administrator.
//
// The decisions are methods of Service. Each takes the acting principal from the context
// and judges scope and rank itself, so the wire, the console and the command line cannot
// differ. Rank is inclusion of scope sets: nobody acts on someone who may do more, nobody
// gives a role that can do more, and the last owner stays (decisions 42).
package admin
