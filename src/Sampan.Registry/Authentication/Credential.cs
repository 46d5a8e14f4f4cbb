namespace Sampan.Registry;

/// <summary>What a user proves to a registry who he is with. It prints as nothing, so that no log or message can hold it.</summary>
public sealed class Credential
{
    /// <summary>A name and a password (or an access token used as one).</summary>
    public Credential(string userName, string password) => (UserName, Password) = (userName, password);

    /// <summary>An identity token, which a token server exchanges for access (Docker's refresh token).</summary>
    public static Credential OfIdentityToken(string token, string userName = "") => new(userName, "") { IdentityToken = token };

    /// <summary>The user's name; may be empty with an identity token.</summary>
    public string UserName { get; }

    /// <summary>The password; empty with an identity token.</summary>
    public string Password { get; }

    /// <summary>The identity token, or null.</summary>
    public string? IdentityToken { get; private init; }

    /// <summary>Never the secret.</summary>
    public override string ToString() => "(a credential)";
}
