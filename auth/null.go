package auth

// ValueOf is what a nullable field holds; the zero value where it is null.
func ValueOf[T any](field *T) T {
	if field == nil {
		var zero T
		return zero
	}
	return *field
}
