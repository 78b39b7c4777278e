package auth

import "gatehouse/auth/words"

// RoleWords is what a role is called in the interface. The roles that are always there
// have names in every language, others stand as they were written.
func RoleWords(role string) words.Text {
	switch role {
	case "owner":
		return "Owner"
	case "admin":
		return "Admin"
	case "support":
		return "Support"
	case "viewer":
		return "Viewer"
	case "user":
		return "User"
	case "member":
		return "Member"
	}
	return words.Raw(role)
}

// RolesWords says several roles, with commas between them.
func RolesWords(roles []string) words.Text {
	list := make([]words.Text, len(roles))
	for i, role := range roles {
		list[i] = RoleWords(role)
	}
	return words.Join(", ", list...)
}
