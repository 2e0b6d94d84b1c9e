// Stands for the Mono.Security 2.0 that Brunet's zip holds: mono must not take it for its own.
using System.Reflection;

[assembly: AssemblyVersion("2.0.0.0")]

public static class OtherSecurity { }
