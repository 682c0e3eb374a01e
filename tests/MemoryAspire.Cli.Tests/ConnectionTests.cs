using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Tests;

public class ConnectionTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5180/", null)]
    [InlineData("http://127.0.0.1:6000/", null, "MEMORY_API_PORT=6000")]
    [InlineData("https://host/base/", null, "MEMORY_API_PORT=6000", "MEMORY_URL=https://host/base")]
    [InlineData("http://given:1/", "http://given:1/", "MEMORY_URL=https://host")]
    public void The_url_is_the_one_given_else_that_of_the_environment_else_the_local_default(string expected, string? given, params string[] variables) =>
        Assert.Equal(expected, Find(given, "k", variables).Url.ToString());

    [Fact]
    public void The_key_is_the_one_given_else_that_of_the_environment_else_that_in_the_data_directory()
    {
        using var shell = new Shell();
        Assert.Contains("MEMORY_API_KEY", Assert.Throws<UsageException>(() => Find(null, null, [], shell.Directory)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(shell.Directory, ".data"));
        shell.Write(".data/api-key", "default\n");
        shell.Write("api-key", "named\n");
        Assert.Equal("default", Find(null, null, [], shell.Directory).Key);
        Assert.Equal("named", Find(null, null, [$"MEMORY_DATA_DIR={shell.Directory}"], shell.Directory).Key);
        Assert.Equal("set", Find(null, null, ["MEMORY_API_KEY=set"], shell.Directory).Key);
        Assert.Equal("given", Find(null, "given", ["MEMORY_API_KEY=set"], shell.Directory).Key);
    }

    private static Connection Find(string? url, string? key, string[] variables, string directory = "/") => Connection.Find(url, key, new(
        TextWriter.Null, TextWriter.Null, name => variables.FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..],
        directory, TimeProvider.System));
}
