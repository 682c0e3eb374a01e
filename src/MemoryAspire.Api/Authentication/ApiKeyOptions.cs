using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.Authentication;

/// <summary>The first key: tenant <c>default</c>, all grants.</summary>
internal sealed class ApiKeyOptions
{
    public const string Section = "Api";

    /// <summary>16..512 printable ASCII characters.</summary>
    [Required(ErrorMessage = "Api:Key is missing: give the key that clients must send.")]
    [RegularExpression("[!-~]{16,512}", ErrorMessage = "Api:Key must be 16 to 512 printable ASCII characters without spaces.")]
    public string Key { get; set; } = "";
}
