// Package auth is the domain of Gatehouse: who is asking (Principal), sessions,
// credentials, one-time values, events, and the moments at which plugins take part.
//
// It knows no HTTP. Services take a context, a Principal where a decision needs one,
// and typed values; they return values or an *Error that carries the wire's code.
// Facts about the request that started the work (client address, user agent, request
// id) travel in the context; see WithOrigin.
package auth
