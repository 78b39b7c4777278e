// Package core holds the endpoints every server has: sign-up and sign-in with e-mail
// and password, sessions, the person's own account, and the mails that belong to them
// (better-auth core 4). The decisions stand in Service, which pages use as well;
// endpoints translate between it and the wire.
package core
